// The answer for the values in the form.
import { element, find, short, visible } from "./element.js";

const MOST_BARS = 10; // of each label
const percent = (share) => `${(100 * share).toFixed(1)} %`;

export function makeResult({ task, target, targets }) {
  const most = MOST_BARS * (targets?.length ?? 1);
  const bars = find("bars");
  if (target) find("result-title").append(`: ${visible(target)}`);

  function describe(value, name) {
    if (task === "regression") return short(value);
    if (task === "clustering") return `cluster ${value}`;
    if (task === "outlier-detection") return value < 0 ? "-1, an outlier" : "1, an inlier";
    return visible(name);
  }

  /** Of many classes the likeliest. */
  function draw(shares, predicted) {
    const more = shares.length - most;
    if (more > 0) shares.sort(([, a], [, b]) => b - a);
    shares.slice(0, most).forEach(([name, share], index) => {
      if (!bars.children[index]) bars.append(find("bar").content.cloneNode(true));
      const bar = bars.children[index];
      const [label, text, track] = bar.children;
      label.textContent = visible(name);
      text.textContent = percent(share);
      track.firstChild.style.transform = `scaleX(${share})`;
      bar.ariaCurrent = String(predicted.includes(name));
    });
    if (more > 0 && !bars.children[most]) bars.append(element("li", {}, `and ${more} others`));
  }

  function put(content, shares) {
    find("answer").replaceChildren(...content);
    bars.hidden = !shares;
    find("result").ariaBusy = "false";
  }

  return {
    wait() {
      find("result").ariaBusy = "true";
    },
    show({ predictions, probabilities, classes }) {
      const values = predictions.flat();
      const names = values.map((value, at) => (targets ? `${targets[at].name}: ${value}` : `${value}`));
      const shares = new Map(probabilities?.[0].map((share, at) => [[classes[at]].flat().join(": "), share]));
      const content = names.flatMap((name, at) => [
        element("strong", { title: values[at] }, describe(values[at], name)),
        shares.has(name) ? percent(shares.get(name)) : "",
      ]);
      draw([...shares], names);
      put(content, shares.size);
    },
    /** Why there is none, and links to the fields in its way. */
    refuse(reason, fields) {
      const links = fields.map(({ id, name }) => element("a", { href: `#${id}` }, visible(name)));
      put([element("p", { className: "error" }, reason), ...links]);
    },
  };
}
