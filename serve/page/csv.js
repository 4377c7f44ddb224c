// A CSV file scored in parts. Here it is only split into records.

const SLICE = 1 << 16; // bytes of the file at a time
const PART = 1000; // rows in a request
const BOM = "\uFEFF";

/**
 * The lines that are not empty, or several where a quoted text goes on: the text, the number of its first line, and the
 * share of the file that has been read by then. A quote begins a quoted text only where a field begins.
 */
async function* records(file) {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let rest = ""; // that has no end yet
  let at = 0; // so much of it has been looked at
  let quoted = false;
  let opens = true; // whether a quote would begin a quoted text, or go on with it
  let [line, first] = [1, 1];
  for (let read = 0; read < file.size; ) {
    const bytes = await file.slice(read, (read += SLICE)).arrayBuffer();
    try {
      rest += decoder.decode(bytes, { stream: read < file.size });
    } catch {
      throw new Error("it is not UTF-8");
    }
    let start = 0;
    for (; at < rest.length; at++) {
      const character = rest[at];
      if (character === "\n") line++;
      if (character === '"' && (quoted || opens)) [quoted, opens] = [!quoted, true];
      else if (!quoted) {
        opens = character === "," || character === "\n" || character === BOM;
        if (character !== "\n") continue;
        const text = rest.slice(start, at + 1);
        if (!/^\r?\n$/.test(text)) yield { text, line: first, share: Math.min(1, read / file.size) };
        [start, first] = [at + 1, line];
      }
    }
    rest = rest.slice(start);
    at -= start;
  }
  if (rest) yield { text: rest, line: first, share: 1 };
}

/** Records in groups that fit into a request; a character is three bytes at most. */
async function* parts(lines, rows, characters) {
  let part = [];
  let length = 0;
  for await (const record of lines) {
    length += record.text.length;
    if (part.length === rows || (part.length && length > characters)) {
      yield part;
      [part, length] = [[], record.text.length];
    }
    part.push(record);
  }
  if (part.length) yield part;
}

/** A line with more fields. */
function longer({ text }, values) {
  const fields = values.map((value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value));
  return text.replace(/\r?\n?$/, (end) => `,${fields.join(",")}${end || "\n"}`);
}

/** The names of the fields that are added. */
function titles({ predictions: [first], classes = [] }, targets) {
  const names = Array.isArray(first) ? first.map((_, i) => `prediction ${targets?.[i].name ?? i + 1}`) : ["prediction"];
  return [...names, ...classes.map((label) => `probability of ${[label].flat().join(": ")}`)];
}

/** What is wrong with a part's rows, by the file's lines. */
function located({ message, faults, more }, part) {
  const lines = `lines ${part[0].line} to ${part.at(-1).line}`;
  const known = faults.filter(({ row }) => row in part);
  if (!known.length) return `${lines}: ${message}`;
  const texts = known.map(({ row, detail }) => `line ${part[row].line}: ${detail.replace(/^row \d+,? ?/, "")}\n`);
  return texts.join("") + (more ? `and ${more} more in ${lines}` : "");
}

/** Score a file part by part: its lines with the answers. */
export async function* score(file, service, signal) {
  const lines = records(file);
  const head = (await lines.next()).value;
  const header = head?.text.replace(BOM, "");
  const { max_rows, max_body } = service.serving;
  let rows = 0;
  for await (const part of parts(lines, Math.min(PART, max_rows), max_body / 3 - header?.length)) {
    const body = header + part.map((record) => record.text).join("");
    const answer = await service.predict(body, "text/csv", signal).catch((error) => {
      throw error.faults ? new Error(located(error, part)) : error;
    });
    const { predictions, probabilities } = answer;
    if (predictions.length !== part.length) throw new Error("not every line is one row");
    const texts = part.map((record, i) => longer(record, [predictions[i], probabilities?.[i] ?? []].flat()));
    if (!rows) texts.unshift(longer(head, titles(answer, service.signature.targets)));
    rows += part.length;
    yield { texts, rows, share: part.at(-1).share };
  }
  if (!rows) throw new Error("there is no row below a header line");
}
