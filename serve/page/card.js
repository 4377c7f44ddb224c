// What is known of the model, and how well it does.
import { count, element, find, short, visible } from "./element.js";

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Terms and what is said of them, under a heading; what is not known is left out. */
function put(title, facts) {
  const known = facts.filter(([, text]) => text !== undefined);
  const list = known.map(([term, text]) => element("div", {}, element("dt", {}, term), element("dd", {}, text)));
  if (list.length) find("facts").append(element("div", {}, element("h3", {}, title), element("dl", {}, ...list)));
}

export function showCard({ signature, serving }) {
  const { name, version, task, target, classes, scores = {}, parity, producers, data_sha256 } = signature;
  put("Model", [
    ["name", visible(name)],
    ["version", version],
    ["task", task],
    ["target", target && visible(target)],
    ["classes", classes && count(classes.length)],
    ["size of the file", megabytes(serving.model_bytes)],
    ["training data's SHA-256", data_sha256],
  ]);
  const held_out = Object.entries(scores).map(([score, value]) => [score.replaceAll("_", " "), short(value)]);
  put("Scores on held-out data", held_out);
  if (parity) {
    const { rows, different_labels, allowed_label_differences, largest_difference, tolerance, reference } = parity;
    const far = largest_difference ?? undefined;
    const labels = `${count(different_labels)} (${count(allowed_label_differences)} allowed)`;
    put(`Compared with ${reference ?? "scikit-learn"}`, [
      ["rows", count(rows)],
      ["different labels", reference && far !== undefined ? undefined : labels],
      ["largest difference", far === undefined ? undefined : `${far} (${tolerance} allowed)`],
    ]);
  } else {
    put("Not proved", [["compared", "nobody has compared its answers with those of the model that it was made of"]]);
  }
  put("Made with", Object.entries(producers));
  put("Served with", Object.entries(serving.versions));
  put("A request has at most", [
    ["size", megabytes(serving.max_body)],
    ["rows", count(serving.max_rows)],
  ]);
}
