// What is typed goes to the server, and its answer beside it.
import { makeCalls } from "./calls.js";
import { showCard } from "./card.js";
import { takeFiles } from "./drop.js";
import { find, visible } from "./element.js";
import { makeForm } from "./form.js";
import { makeResult } from "./result.js";
import { connect } from "./service.js";

const PAUSE = 150; // milliseconds without a key: one has typed

function start(service) {
  const { name, version, task, columns } = service.signature;
  document.title = `${name}, served by Alpenglow`;
  find("name").textContent = visible(name);
  find("about").textContent = `version ${version}, ${task}, served by Alpenglow ${service.serving.versions.alpenglow}`;
  const form = makeForm(columns, changed);
  const result = makeResult(service.signature);
  const showCalls = makeCalls(service);
  let asking = new AbortController();
  let pause;

  /** An answer to what was there before is not wanted any more. */
  function changed() {
    asking.abort();
    const { signal } = (asking = new AbortController());
    clearTimeout(pause);
    pause = setTimeout(() => predict(signal), PAUSE);
    result.wait();
  }

  async function predict(signal) {
    const row = form.row();
    showCalls(row);
    try {
      const answer = await service.predict(JSON.stringify([row]), "application/json", signal);
      if (signal.aborted) return;
      form.refuse([]);
      result.show(answer);
    } catch ({ message, faults = [] }) {
      if (signal.aborted) return;
      const fields = form.refuse(faults);
      result.refuse(fields.length ? "These values do not fit:" : `No prediction: ${message}`, fields);
    }
  }

  find("token-field").hidden = !service.serving.token;
  find("token").oninput = () => {
    service.token = find("token").value;
    changed();
  };
  takeFiles(service);
  showCard(service);
  changed();
}

try {
  start(await connect());
  find("main").hidden = false;
} catch (error) {
  find("about").textContent = `There is no model to show: ${error.message}`;
}
