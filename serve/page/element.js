// What all parts use. Names and values of a model are text, never markup.

export const find = (id) => document.getElementById(id);

/** A new element; its children are elements or text. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

/** A value with the blanks at its ends shown, for they are part of it. */
export function visible(value) {
  return String(value).replace(/^\s+|\s+$/g, (blanks) => "␣".repeat(blanks.length)) || "(empty text)";
}

/** With as many digits as one reads, if it is a number. */
export const short = (value) => String(value.toPrecision ? +value.toPrecision(6) : value);

export const count = (number) => number.toLocaleString("en");
