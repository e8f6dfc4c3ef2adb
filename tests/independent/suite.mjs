// Runs the rules of activitypub-testing over actors of a running server, and says what each rule came to.
//
// The file that is named holds one JSON object: the `host` under test, the `port` on loopback where it really is, and the
// ids of its `actors`. Whatever else is asked for is refused: nothing leaves this machine.

import { readFileSync } from "node:fs";
import http from "node:http";

const input = JSON.parse(readFileSync(process.argv[2], "utf8"));

globalThis.fetch = (address, options = {}) => {
  const url = new URL(address.url ?? address);
  if (url.protocol !== "https:" || url.host !== input.host) return Promise.reject(new Error(`asked for ${url}`));
  const headers = { ...Object.fromEntries(new Headers(options.headers)), host: input.host };
  const target = { host: "127.0.0.1", port: input.port, path: url.pathname + url.search, method: options.method ?? "GET" };
  return new Promise((resolve, reject) => {
    const sent = http.request({ ...target, headers }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => {
        const body = [204, 304].includes(answer.statusCode) ? null : Buffer.concat(parts);
        resolve(new Response(body, { status: answer.statusCode, headers: answer.headers }));
      });
    });
    sent.on("error", reject);
    sent.end();
  });
};

const { activityPubTestCases } = await import("activitypub-testing/test-cases");
const ACTOR = "https://www.w3.org/ns/activitystreams#Actor";
const list = (value) => (Array.isArray(value) ? value : value == null ? [] : [value]);

/** What a rule wants to know, or nothing where it is about clients that post to an outbox: that is no part of Hearth. */
function inputs(rule, actor, document) {
  const given = {};
  for (const [name, wanted] of Object.entries(rule.input ?? {})) {
    if (list(wanted.rangeIncludes).includes(ACTOR)) given[name] = wanted.type === "xsd:anyUri" ? actor : document;
    else if (list(wanted.type).includes("TimeLimit")) given[name] = "T5S";
    else if (wanted.required) return null;
  }
  return Object.values(given).some((value) => value === actor || value === document) ? given : null;
}

const results = [];
for (const actor of input.actors) {
  const document = await (await fetch(actor, { headers: { accept: "application/activity+json" } })).text();
  for (const rule of activityPubTestCases) {
    const given = inputs(rule, actor, document);
    if (!given) continue;
    let result;
    try {
      result = await rule.run(given);
    } catch (error) {
      result = { outcome: "threw", info: error };
    }
    results.push({ actor, rule: rule.slug, outcome: result.outcome, info: String(result.info ?? "") });
  }
}
process.stdout.write(JSON.stringify(results));
