# SPDX-FileCopyrightText: 2026 Railcrate contributors
# SPDX-License-Identifier: Apache-2.0
"""lm-eval's task for a YAML file, with the same prompts, documents and numbers, sooner.

lm-eval compiles a Jinja template anew for every string that it builds from it. Here each
is compiled once, and one that is a single expression, such as `{{[good, bad]}}`, is
evaluated instead of being printed and parsed again. JSON Lines are read directly.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import TemplateSyntaxError, meta
from lm_eval.api.task import ConfigurableTask
from lm_eval.utils import env

from railcrate.evaluate.errors import TaskDataError, TaskFileError
from railcrate.evaluate.harness.documents import is_plain, read_documents, split_files
from railcrate.study import paths
from railcrate.study.problems import nearest

LOCAL_FORMATS = ("json", "csv", "parquet", "arrow", "text")  # of `datasets`, which need no hub
DATASETS_CACHE = f"{paths.STATE}/datasets"
SPLITS = ("test_split", "validation_split", "training_split", "fewshot_split")
TEMPLATES = ("doc_to_text", "doc_to_target", "doc_to_choice", "description", "gen_prefix")
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
LIST_OF_FIELDS = re.compile(r"\s*\[\s*[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*\s*\]\s*")
EXPRESSION = re.compile(r"\s*\{\{-?(.*?)-?\}\}\s*", re.DOTALL)


class QuickTask(ConfigurableTask):
    """A task that a YAML file of the study, or of lm-eval, describes.

    Args:
        config: the file's content, its functions resolved.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        """Read the documents and try the templates on the first one.

        Raises:
            TaskDataError: when a data file is missing, broken, or lacks a field that a template names.
            TaskFileError: when a template is not Jinja.
        """
        # lm-eval hands the configuration over with the class that it has just looked up.
        super().__init__(config={key: value for key, value in config.items() if key != "class"})

    # --- documents -------------------------------------------------------------------

    def download(self, dataset_kwargs: dict[str, Any] | None = None, **options: Any) -> None:
        """Read the documents: directly where they are JSON in the study's folder, else as lm-eval does."""
        files = split_files(dataset_kwargs) if self.DATASET_PATH in LOCAL_FORMATS else {}
        for split, names in files.items():
            for name in names:
                if "://" not in name and not Path(name).is_file():
                    raise TaskDataError(
                        f"task '{self.config.task}' reads {name} ({split}), which does not exist",
                        "Paths in a task file start at the study's folder. Correct `data_files`, or fetch the file.",
                        key="dataset_kwargs",
                    )
        if files and self._needs_no_dataset(dataset_kwargs) and all(map(is_plain, files.values())):
            self.dataset = {split: read_documents(names) for split, names in files.items()}
        else:
            local = {"cache_dir": DATASETS_CACHE} if files else {}
            super().download({**(dataset_kwargs or {}), **local}, **options)
        self._check_fields(files)

    def _needs_no_dataset(self, dataset_kwargs: dict[str, Any] | None) -> bool:
        """Functions of the task file may expect a real `Dataset`; so may unusual options."""
        functions = (self.config.process_docs, self.fewshot_cfg.process_docs, self.config.custom_dataset)
        return (
            self.DATASET_PATH == "json"
            and set(dataset_kwargs or {}) == {"data_files"}
            and not any(callable(function) for function in functions)
        )

    def _check_fields(self, files: Mapping[str, list[str]]) -> None:
        split = self.config.test_split or self.config.validation_split
        if split is None:
            raise TaskFileError(
                f"task '{self.config.task}' names no `test_split` and no `validation_split`",
                f"Add `test_split: {next(iter(self.dataset), 'train')}` to its file.",
            )
        for name in (split, self.config.training_split, self.config.fewshot_split):
            if name is not None and name not in self.dataset:
                raise TaskFileError(
                    f"task '{self.config.task}': there is no split '{name}' in its data; it has: "
                    f"{', '.join(map(repr, self.dataset))}",
                    nearest(name, list(self.dataset)),
                    key=next(key for key in SPLITS if getattr(self.config, key) == name),
                )
        if not files or self.config.process_docs is not None:
            return  # lm-eval's own data, or documents that a function makes from it
        documents = self.dataset[split]
        fields = list(documents.features)
        where = ", ".join(files.get(split, [])) or f"{self.DATASET_PATH} ({split})"
        for key in TEMPLATES:
            template = getattr(self.config, key)
            if not isinstance(template, str):
                continue
            for used in sorted(self._fields_of(key, template, fields)):
                if used not in fields:
                    raise TaskDataError(
                        f"task '{self.config.task}': `{key}` names the field '{used}', which {where} does not have; "
                        f"it has: {', '.join(fields)}",
                        nearest(used, fields),
                        key=key,
                    )
                if isinstance(documents, list):
                    empty = next((i for i, row in enumerate(documents) if row[used] is None), None)
                    if empty is not None:
                        raise TaskDataError(
                            f"task '{self.config.task}': row {empty + 1} of {where} has no value for '{used}', "
                            f"which `{key}` names",
                            key=key,
                        )

    def _fields_of(self, key: str, template: str, fields: list[str]) -> set[str]:
        """Name the fields that a template reads; a bare word is a field where a choice or a target is wanted."""
        if template in fields:
            return {template}
        if "{" not in template:
            return {template} if key == "doc_to_choice" and IDENTIFIER.fullmatch(template) else set()
        try:
            return meta.find_undeclared_variables(env.parse(template)) - set(env.globals)
        except TemplateSyntaxError as error:
            raise TaskFileError(
                f"task '{self.config.task}': `{key}` is not a Jinja template: {error.message}", key=key
            ) from None

    # --- prompts ---------------------------------------------------------------------

    def doc_to_text(self, doc: dict[str, Any], doc_to_text: Any = None) -> Any:
        """Give the prompt of a document, or the index of the right one where choices are prompts."""
        template = self.config.doc_to_text if doc_to_text is None else doc_to_text
        if not self._is_template(template):
            return super().doc_to_text(doc, doc_to_text)
        text = _render(template, doc)
        return ast.literal_eval(text) if text.isdigit() and self.config.doc_to_choice is not None else text

    def doc_to_target(self, doc: Mapping[str, Any], doc_to_target: Any = None) -> Any:
        """Give the right answer of a document: its text, its index, or a list of either."""
        template = self.config.doc_to_target if doc_to_target is None else doc_to_target
        if not self._is_template(template):
            return super().doc_to_target(doc, doc_to_target)
        text = _render(template, doc)
        if text.isdigit() and self.config.doc_to_choice is not None:
            return ast.literal_eval(text)
        if len(text) >= 2 and text[0] == "[" and text[-1] == "]":
            try:
                return ast.literal_eval(text)
            except (SyntaxError, ValueError):
                return text
        return text

    def doc_to_choice(self, doc: Any, doc_to_choice: Any = None) -> list[str]:
        """Give the choices of a document."""
        template = self.config.doc_to_choice if doc_to_choice is None else doc_to_choice
        if not self._is_template(template):
            choices: list[str] = super().doc_to_choice(doc, doc_to_choice)
            return choices
        expression = _expression(template)
        value = _render(template, doc) if expression is None else expression(doc)
        return value if isinstance(value, list) else ast.literal_eval(str(value))

    @staticmethod
    def resolve_field(doc: dict[str, Any], field: str | None = None) -> Any:
        """Give a field of a document, or what a template makes of it; None for no field."""
        if not field:
            return None
        return doc[field] if field in doc else _render(field, doc)

    def _is_template(self, template: Any) -> bool:
        return self.prompt is None and isinstance(template, str) and template not in self.features

    # --- requests --------------------------------------------------------------------

    def build_all_requests(
        self,
        *,
        limit: int | None = None,
        samples: list[int] | None = None,
        rank: int = 0,
        world_size: int = 1,
        **options: Any,
    ) -> None:
        """Build the requests of all documents; without chat templates, caches and bars, which are not used.

        Args:
            limit: how many documents, the first ones; None for all.
            samples: which documents; None for all.
            rank: this process, of several.
            world_size: how many processes.
            **options: lm-eval's other ones, not used.
        """
        shots = self.config.num_fewshot or 0
        built: list[Any] = []
        for number, doc in self.doc_iterator(rank=rank, limit=limit, samples=samples, world_size=world_size):
            made = self.construct_requests(
                doc=doc,
                ctx=self.fewshot_context(doc, num_fewshot=shots, gen_prefix=self.doc_to_prefix(doc)),
                metadata=(self.config.task, number, self.config.repeats),
            )
            built += made if isinstance(made, list) else [made]
        self._instances = built


@cache
def _renderer(template: str) -> Callable[[Mapping[str, Any]], str]:
    if "{" not in template and "\r" not in template:
        return lambda doc: template
    return env.from_string(template).render


def _render(template: str, doc: Mapping[str, Any]) -> str:
    return _renderer(template)(doc)


@cache
def _expression(template: str) -> Callable[[Mapping[str, Any]], Any] | None:
    """Compile a template that is one expression and nothing else; None for any other."""
    found = EXPRESSION.fullmatch(template)
    if found is None or template.count("{{") != 1 or "{%" in template or "{#" in template:
        return None
    source = found.group(1)
    if LIST_OF_FIELDS.fullmatch(source) and not set(names := IDENTIFIER.findall(source)) & {"true", "false", "none"}:
        return lambda doc: [doc[name] for name in names]
    return env.compile_expression(source, undefined_to_none=False)
