/* SPDX-FileCopyrightText: 2026 Railcrate contributors
   SPDX-License-Identifier: Apache-2.0
   Browsers start no worker from a file. Where the site is read from a folder, the search runs in a hidden
   frame instead, which gets and sends its messages as a worker would. */
if (location.protocol === "file:") {
  window.IFrameWorker = class extends EventTarget {
    constructor(address) {
      super()
      this.waiting = []
      const start = () => {
        const frame = document.createElement("iframe")
        frame.hidden = true
        document.body.append(frame)
        const inside = frame.contentWindow
        inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }))
        const script = frame.contentDocument.createElement("script")
        script.src = new URL(address, location.href)
        script.onload = () => {
          this.inside = inside
          this.waiting.splice(0).forEach((data) => this.postMessage(data))
        }
        script.onerror = () => this.dispatchEvent(new Event("error"))
        frame.contentDocument.body.append(script)
      }
      document.body ? start() : addEventListener("DOMContentLoaded", start)
    }
    postMessage(data) {
      if (!this.inside) this.waiting.push(data)
      else this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data }))
    }
    terminate() {}
  }
  window.Worker = window.IFrameWorker
}
