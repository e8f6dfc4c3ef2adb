// Reads documents and requests with Fedify, an implementation of ActivityPub that shares no line with Hearth, and says
// what it understood. Nothing is fetched: only the contexts that Fedify carries with it are served, all else is refused.
//
// The file that is named holds one JSON object: `documents` to read, `requests` whose signatures are to be checked, and
// `sign`, a request to be signed in both ways. The answer goes to standard output in the same order.

import { readFileSync } from "node:fs";
import { createPrivateKey } from "node:crypto";
import { signRequest, verifyRequest } from "@fedify/fedify/sig";
import { Object as AnyObject } from "@fedify/vocab";
import { preloadedContexts } from "@fedify/vocab-runtime";

const input = JSON.parse(readFileSync(process.argv[2], "utf8"));
// The one in Fedify's own realm: with an older Node it brings its own Temporal.
const Temporal = globalThis.Temporal ?? (await import("@js-temporal/polyfill")).Temporal;
const now = Temporal.Instant.from(input.now);

const contextLoader = async (url) => {
  const document = preloadedContexts[url];
  if (!document) throw new Error(`asked for ${url}`);
  return { contextUrl: null, document, documentUrl: url };
};

const refuseAll = async (url) => {
  throw new Error(`asked for ${url}`);
};

const ids = (urls) => (urls ?? []).map((url) => url.href).sort();
const text = (value) => (value == null ? null : value.toString());

async function understood({ name, json }) {
  try {
    const object = await AnyObject.fromJsonLd(json, { contextLoader, documentLoader: refuseAll });
    return {
      name,
      type: object.constructor.name,
      id: object.id?.href ?? null,
      actor: ids(object.actorIds),
      object: ids(object.objectIds),
      attributedTo: ids(object.attributionIds),
      to: ids(object.toIds),
      cc: ids(object.ccIds),
      audience: ids(object.audienceIds),
      inReplyTo: ids(object.replyTargetIds),
      title: text(object.name),
      content: text(object.content),
      preferredUsername: text(object.preferredUsername),
      inbox: object.inboxId?.href ?? null,
      outbox: object.outboxId?.href ?? null,
      startTime: text(object.startTime),
      endTime: text(object.endTime),
      published: text(object.published),
    };
  } catch (error) {
    return { name, error: String(error) };
  }
}

function request({ method, url, headers, body }) {
  return new Request(url, { method, headers, body: body ?? undefined });
}

async function checked({ name, actor, ...rest }) {
  const documentLoader = async (url) => {
    if (url.split("#")[0] !== actor.id) throw new Error(`asked for ${url}`);
    return { contextUrl: null, document: actor, documentUrl: url };
  };
  const key = await verifyRequest(request(rest), { documentLoader, contextLoader, currentTime: now });
  return { name, key: key?.id?.href ?? null };
}

async function signed({ privatePem, keyId, url, body }, spec) {
  const der = createPrivateKey(privatePem).export({ type: "pkcs8", format: "der" });
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("pkcs8", der, algorithm, true, ["sign"]);
  const headers = { "content-type": "application/activity+json" };
  const plain = request({ method: "POST", url, headers, body });
  const sent = await signRequest(plain, key, new URL(keyId), { spec, currentTime: now });
  return { spec, headers: [...sent.headers] };
}

const documents = [];
for (const document of input.documents ?? []) documents.push(await understood(document));
const requests = [];
for (const one of input.requests ?? []) requests.push(await checked(one));
const ways = [];
if (input.sign) {
  for (const spec of ["draft-cavage-http-signatures-12", "rfc9421"]) ways.push(await signed(input.sign, spec));
}
process.stdout.write(JSON.stringify({ documents, requests, signed: ways }));
