// The server.

/** Its JSON. A "no" is an Error with the faults that the problem details (RFC 9457) list. */
async function ask(path, options) {
  const answer = await fetch(path, options);
  const content = await answer.json().catch(() => ({}));
  if (answer.ok) return content;
  const { detail = `the server answered ${answer.status}`, errors: faults = [], more_errors: more = 0 } = content;
  throw Object.assign(new Error(detail), { faults, more });
}

/** What it serves, and how to ask it. */
export async function connect() {
  const model = await ask("model");
  const path = `predict${/probab/.test(model.serving.outputs) ? "?probabilities=true" : ""}`;
  return {
    ...model, // its signature, verification, serving
    path,
    token: "", // in memory
    /** Predictions, and probabilities if there are, for JSON or CSV. */
    predict(body, type, signal) {
      const headers = { "Content-Type": type };
      if (this.token) headers.Authorization = `Bearer ${this.token}`;
      return ask(path, { method: "POST", body, headers, signal });
    },
  };
}
