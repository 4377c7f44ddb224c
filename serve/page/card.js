// What is known of the model, and how well it does.
import { count, element, find, short, visible } from "./element.js";

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Terms and what is known of them. */
function put(title, facts) {
  const known = facts.filter(([, text]) => text != null);
  const list = known.map(([term, text]) => element("div", {}, element("dt", {}, term), element("dd", {}, text)));
  if (list.length) find("facts").append(element("div", {}, element("h3", {}, title), element("dl", {}, ...list)));
}

const verified = ({ result, checked, witnesses, time }) =>
  time ? `${result}: ${checked} of ${witnesses} witnesses, ${time}` : result;

export function showCard({ signature, verification, serving }) {
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
  put("Scores on held-out data", Object.entries(scores).map(([key, value]) => [key.replaceAll("_", " "), short(value)]));
  if (parity) {
    const far = parity.largest_difference;
    const labels = `${count(parity.different_labels)} (${count(parity.allowed_label_differences)} allowed)`;
    put(`Compared with ${parity.reference ?? "scikit-learn"}`, [
      ["rows", count(parity.rows)],
      ["different labels", parity.reference && far != null ? null : labels],
      ["largest difference", far == null ? far : `${far} (${parity.tolerance} allowed)`],
    ]);
  } else put("Not proved", [["compared", "with nobody's answers"]]);
  put("Made with", Object.entries(producers));
  put("Served with", [...Object.entries(serving.versions), ["verified", verified(verification)]]);
  put("A request has at most", [
    ["size", megabytes(serving.max_body)],
    ["rows", count(serving.max_rows)],
  ]);
}
