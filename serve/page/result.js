// The answer for the values in the form.
import { element, find, short, visible } from "./element.js";

const MOST_BARS = 10;

/** A class and its probability. */
function makeBar(label) {
  const text = element("span");
  const fill = element("div");
  const track = element("div", { className: "track", ariaHidden: "true" }, fill);
  const item = element("li", {}, element("span", {}, visible(label)), text, track);
  const show = (share, predicted) => {
    text.textContent = `${(100 * share).toFixed(1)} %`;
    fill.style.transform = `scaleX(${share})`;
    item.ariaCurrent = String(predicted);
  };
  return { text, item, show };
}

export function makeResult({ task, target, classes = [] }) {
  const bars = classes.map(makeBar);
  const few = bars.length <= MOST_BARS;
  if (target) find("result-title").append(`: ${visible(target)}`);

  function describe(value) {
    if (task === "regression") return short(value);
    if (task === "clustering") return `cluster ${value}`;
    if (task === "outlier-detection") return value < 0 ? "-1, an outlier" : "1, an inlier";
    return visible(value);
  }

  /** A few classes' bars keep their places; of many, the likeliest are shown. */
  function draw(shares, predicted) {
    bars.forEach((bar, index) => bar.show(shares[index], index === predicted));
    find("answer").append(bars[predicted].text.textContent);
    if (few && find("bars").hasChildNodes()) return;
    const order = [...shares.keys()].sort((a, b) => (few ? a - b : shares[b] - shares[a])).slice(0, MOST_BARS);
    find("bars").replaceChildren(...order.map((index) => bars[index].item));
    if (!few) find("bars").append(element("li", {}, `and ${shares.length - MOST_BARS} others`));
  }

  function put(content, probabilities) {
    find("answer").replaceChildren(...content);
    find("bars").hidden = !probabilities;
    find("result").ariaBusy = "false";
  }

  return {
    /** Until there is an answer to what is in the form now. */
    wait() {
      find("result").ariaBusy = "true";
    },
    show({ predictions: [prediction], probabilities }) {
      put([prediction].flat().map((value) => element("strong", { title: value }, describe(value))), probabilities);
      if (probabilities) draw(probabilities[0], classes.indexOf(prediction));
    },
    /** Why there is none, and links to the fields that stand in its way. */
    refuse(reason, fields) {
      const links = fields.map(({ id, name }) => element("a", { href: `#${id}` }, visible(name)));
      put([element("p", { className: "error" }, reason), ...links]);
    },
  };
}
