// A form made from the signature: a field for each column.
import { count, element, find, short, visible } from "./element.js";

const MOST_CHOICES = 50; // in a list that one looks through; more are offered while one types
const OTHER = "other"; // an option's value that is no JSON, as those of all others are

function makeSelect({ type, nullable, example, categories = [true, false], closed }) {
  const select = element("select");
  const add = (text, value, chosen) => select.add(new Option(text, value, chosen, chosen));
  for (const value of categories) add(visible(value), JSON.stringify(value), value === example);
  if (nullable) add("(missing)", "null");
  if (type === "string" && !closed) add("(another value)", OTHER);
  return select;
}

/** What takes a column's values; `list` gets those that are offered. */
function makeControl(column, list) {
  const { type, nullable, example, minimum, categories, time } = column;
  const text = { defaultValue: example, placeholder: nullable ? "missing" : "" };
  if (type === "boolean" || categories?.length <= MOST_CHOICES) return makeSelect(column);
  if (type === "string" && !categories) return element("textarea", text);
  // The decimal keyboard of some phones has no minus.
  const inputMode = minimum >= 0 ? "decimal" : "text";
  const input = element("input", { type: time?.unit === "D" ? "date" : "text", ...text, inputMode });
  if (categories) input.setAttribute("list", list.id);
  categories?.forEach((value) => list.append(element("option", { value })));
  return input;
}

/** A column's label, control, hint and error. */
function makeField(column, index) {
  const { name, type, nullable, categories, time } = column;
  const { minimum, maximum } = time ?? column;
  const id = `field-${index}`;
  const hint = element("p", { className: "hint", id: `${id}-hint` });
  const error = element("p", { className: "error", id: `${id}-error` });
  const list = element("datalist", { id: `${id}-list` });
  const other = element("input", { ariaLabel: `Another value of ${name}` });
  const control = Object.assign(makeControl(column, list), { id, required: !nullable });
  control.setAttribute("aria-describedby", `${error.id} ${hint.id}`);

  /** What is sent, text in place of a number, too: the server refuses it. */
  function value() {
    const text = control.value;
    if (control.tagName === "SELECT") return text === OTHER ? other.value : JSON.parse(text);
    if (text === "") return null;
    return type === "number" && text.trim() && isFinite(text) ? Number(text) : text;
  }

  /** Make the hint fit the value. */
  function update() {
    const now = value();
    const hints = nullable ? [] : ["required"];
    if (minimum !== undefined) hints.push(`${short(minimum)} to ${short(maximum)} in training`);
    if (now !== null && type !== "duration" && (now < minimum || now > maximum)) hints.push("this is outside");
    if (list.options.length) hints.push(`${count(categories.length)} known values`);
    hint.textContent = hints.join(", ");
    other.hidden = control.value !== OTHER;
  }

  /** Say what the server has against the value; nothing if the text is empty. */
  function refuse(text) {
    error.textContent = text.replace(/^row \d+, column .*?: (?=expected )/s, "");
    control.ariaInvalid = other.ariaInvalid = String(!!text);
  }

  const box = element("div", {}, element("label", { htmlFor: id }, visible(name)), control, list, other, error, hint);
  box.oninput = update;
  update();
  return { name, id, box, value, update, refuse };
}

/** Put the fields on the page; `changed` is called after each change. */
export function makeForm(columns, changed) {
  const fields = columns.map(makeField);
  find("fields").append(...fields.map((field) => field.box));
  if (find("fields").textContent.includes("␣")) find("help").append(" ␣ is a blank.");
  const update = () => {
    fields.forEach((field) => field.update());
    changed();
  };
  find("fields").oninput = changed;
  find("form").onreset = () => setTimeout(update); // the values come after the event
  find("form").onsubmit = (event) => event.preventDefault();
  return {
    row: () => Object.fromEntries(fields.map((field) => [field.name, field.value()])),
    /** Show the server's faults at their fields, and return these. */
    refuse(faults) {
      const details = new Map(faults.map(({ column, detail }) => [column, detail]));
      fields.forEach((field) => field.refuse(details.get(field.name) ?? ""));
      return fields.filter((field) => details.has(field.name));
    },
  };
}
