// A CSV file, dropped or chosen, and what becomes of it.
import { score } from "./csv.js";
import { count, element, find } from "./element.js";

function tell(running, ...content) {
  find("scoring").hidden = !running;
  find("outcome").replaceChildren(...content);
}

function progress(rows, share) {
  find("progress").value = share;
  find("rows").textContent = `Rows scored: ${count(rows)}`;
}

/** Score whatever file comes, one at a time: another takes its place. */
export function takeFiles(service) {
  let running = new AbortController();
  let address = "";

  async function take([file]) {
    if (!file) return;
    running.abort();
    const { signal } = (running = new AbortController());
    const scored = [];
    progress(0, 0);
    find("csv").scrollIntoView({ block: "nearest" });
    tell(true, `Scoring ${file.name} …`);
    try {
      for await (const { texts, rows, share } of score(file, service, signal)) {
        signal.throwIfAborted();
        scored.push(...texts);
        progress(rows, share);
      }
      tell(false, `${file.name} is done. ${find("rows").textContent}. `, link(file.name, scored));
    } catch ({ message }) {
      if (signal !== running.signal) return;
      const reason = signal.aborted ? "cancelled" : message;
      tell(false, `${file.name}: ${reason}\nThere is nothing to download. ${find("rows").textContent}`);
    }
  }

  function link(name, scored) {
    URL.revokeObjectURL(address);
    address = URL.createObjectURL(new Blob(scored, { type: "text/csv" }));
    const download = `${name.replace(/\.csv$/i, "")}-predictions.csv`;
    return element("a", { href: address, download }, `Download ${download}`);
  }

  function drag(event) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault(); // else the browser shows the file
    const over = event.type === "dragover" || (event.type === "dragleave" && event.relatedTarget);
    document.body.classList.toggle("dropping", Boolean(over));
    if (event.type === "drop") take(event.dataTransfer.files);
  }

  for (const type of ["dragover", "dragleave", "drop"]) addEventListener(type, drag);
  find("file").onclick = () => (find("file").value = ""); // or the same file is no change
  find("file").onchange = () => take(find("file").files);
  find("cancel").onclick = () => running.abort();
}
