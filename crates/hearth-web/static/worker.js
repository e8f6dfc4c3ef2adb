/* Keeps "Get help" readable without a network, and nothing else: no other page is ever kept on the device. It asks for
   the page without cookies, so that what is kept is what anybody sees. */
var KEPT = "help-1";
function keep() {
  return caches.open(KEPT).then(function (cache) {
    return fetch("/help", { credentials: "omit", cache: "no-cache" }).then(function (answer) {
      if (!answer.ok) return;
      return answer.clone().text().then(function (html) {
        var files = html.match(/\/static\/[\w.-]+\.(css|js|svg)/g) || [];
        return Promise.all([cache.put("/help", answer), cache.addAll(files)]);
      });
    });
  });
}
addEventListener("install", function (e) { e.waitUntil(keep()); });
addEventListener("activate", function (e) { e.waitUntil(clients.claim()); });
addEventListener("fetch", function (e) {
  var url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname === "/help") {
    e.respondWith(fetch(e.request).then(function (answer) {
      e.waitUntil(keep().catch(function () {}));
      return answer;
    }, function () { return caches.match("/help"); }));
  } else if (url.pathname.indexOf("/static/") === 0) {
    e.respondWith(caches.match(e.request).then(function (kept) { return kept || fetch(e.request); }));
  }
});
