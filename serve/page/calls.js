// The row as a command and as programs, to copy.
import { element, find } from "./element.js";

const DATATYPES = { number: "FP64", boolean: "BOOL" };

/** A word for a POSIX shell. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** A literal of Python: strings and numbers are written as in JSON. */
function literal(value) {
  if (value === null) return "None";
  return typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value);
}

/** The argument of a Python call to a server that wants a token. */
const bearer = (token) => (token ? `, headers={"Authorization": f"Bearer {os.environ['TOKEN']}"}` : "");

function curl({ address, token, row }) {
  const header = token ? ' -H "Authorization: Bearer $TOKEN"' : "";
  return `curl ${quoted(address)} -H 'Content-Type: application/json'${header} -d ${quoted(JSON.stringify([row]))}`;
}

const requests = ({ address, token, row }) => `${token ? "import os\n" : ""}import requests

row = {
${Object.entries(row).map(([name, value]) => `    ${literal(name)}: ${literal(value)},`).join("\n")}
}
answer = requests.post(${literal(address)}, json=[row]${bearer(token)}, timeout=10)
print(answer.json())`;

function tritonclient({ model, columns, token, row }) {
  const gaps = columns.filter(({ name, type }) => row[name] === null && type !== "number");
  if (gaps.length) return `# tritonclient cannot send a missing text or truth value: ${literal(gaps[0].name)}`;
  const { protocol, host, pathname } = new URL(".", document.baseURI);
  return `${token ? "import os\n" : ""}import numpy as np
import tritonclient.http as triton
from tritonclient.utils import triton_to_np_dtype

row = [
${columns.map(({ name, type }) => `    (${literal(name)}, "${DATATYPES[type] ?? "BYTES"}", ${literal(row[name])}),`).join("\n")}
]
tensors = []
for name, datatype, value in row:
    tensors.append(triton.InferInput(name, [1, 1], datatype))
    tensors[-1].set_data_from_numpy(np.array([[value]], triton_to_np_dtype(datatype)))
address = ${literal(host + pathname.replace(/\/$/, ""))}
client = triton.InferenceServerClient(address${protocol === "https:" ? ", ssl=True" : ""})
answer = client.infer(${literal(model)}, tensors${bearer(token)})
for output in answer.get_response()["outputs"]:
    print(output["name"], answer.as_numpy(output["name"]))`;
}

/** Only https and localhost have the clipboard; elsewhere the text is marked, and copied from there. */
async function copy(text) {
  getSelection().selectAllChildren(text);
  const written = await navigator.clipboard?.writeText(text.textContent).then(() => true, () => false);
  const done = written || document.execCommand("copy");
  find("copied").textContent = done ? `Copied for ${text.ariaLabel}.` : "Marked: copy it with your keyboard.";
}

/** Put the calls on the page; returns what writes them for a row. */
export function makeCalls({ path, signature, serving }) {
  const { name: model, columns } = signature;
  const known = { model, columns, token: serving.token, address: new URL(path, document.baseURI).href };
  const calls = [curl, requests, tritonclient].map((write) => {
    const text = element("pre", { tabIndex: 0, role: "group", ariaLabel: write.name });
    const button = element("button", { type: "button" }, `Copy for ${write.name}`);
    button.onclick = () => copy(text);
    const open = write === curl; // one at a time: they share a name
    find("copied").before(element("details", { name: "call", open }, element("summary", {}, write.name), text, button));
    return (row) => (text.textContent = write({ ...known, row }));
  });
  return (row) => {
    calls.forEach((show) => show(row));
    find("copied").textContent = "";
  };
}
