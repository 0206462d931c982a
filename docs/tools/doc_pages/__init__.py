# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""The pages of the documentation as tests: what stands in their blocks is run, compared and validated."""
