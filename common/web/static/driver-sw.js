/* driver-sw.js: keeps the driver's page for times without a network, and shows what is pushed. What is tapped is not kept
   here: driver.js holds it on the phone and sends it. */
const KEPT = 'citykeys-driver-1';
const SCOPE = new URL(self.registration.scope).pathname.replace(/\/$/, ''); // /fleet/driver
const isJob = path => path === SCOPE || /^\/\d+(\/decline)?$/.test(path.slice(SCOPE.length)) && path.startsWith(SCOPE);

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', event => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith('citykeys-driver') && name !== KEPT) await caches.delete(name);
  await self.clients.claim();
})()));

const bare = url => { const at = new URL(url); return at.origin + at.pathname; };

/** Keep a page as this driver saw it, with the files it names; one that led to the sign-in page means nobody is signed in. */
const keep = async (request, answer) => {
  if (!isJob(new URL(answer.url).pathname)) return forget();
  if (!answer.ok) return undefined;
  const kept = await caches.open(KEPT), html = await answer.clone().text();
  await kept.put(bare(answer.url), new Response(html, { headers: answer.headers }));
  const files = html.match(/[^"\s]+\/static\/[^"\s]+\?v=[^"\s]+/g) || [];
  return Promise.all(files.map(file => asset(new Request(file)).catch(() => undefined)));
};
const forget = async () => {
  const kept = await caches.open(KEPT);
  for (const request of await kept.keys()) if (isJob(new URL(request.url).pathname)) await kept.delete(request);
};

const page = async request => {
  try {
    const answer = await fetch(request);
    if (answer.status < 500) { await keep(request, answer.clone()); return answer; }
    throw new Error(answer.status);
  } catch (error) {
    const kept = await caches.open(KEPT);
    const found = await kept.match(bare(request.url)) || await kept.match(self.location.origin + SCOPE);
    if (found) return found;
    throw error;
  }
};
const asset = async request => {
  const kept = await caches.open(KEPT), found = await kept.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) {
    for (const old of await kept.keys()) if (bare(old.url) === bare(request.url)) await kept.delete(old);
    await kept.put(request, answer.clone());
  }
  return answer;
};

self.addEventListener('fetch', event => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate' && isJob(url.pathname)) event.respondWith(page(request));
  else if (url.pathname.includes('/static/') && url.searchParams.has('v')) event.respondWith(asset(request));
});

self.addEventListener('message', event => {
  if (event.data === 'forget') event.waitUntil(forget());
  if (event.data?.keep) event.waitUntil((async () => {
    for (const url of event.data.keep) {
      try { const request = new Request(url, { credentials: 'same-origin' }); await keep(request, await fetch(request)); } catch { /* the next visit keeps it */ }
    }
  })());
});

self.addEventListener('push', event => {
  let told = {};
  try { told = event.data.json(); } catch { /* a push without words still calls the driver to the page */ }
  event.waitUntil(self.registration.showNotification(told.title || '市鑰 Citykeys', {
    body: told.body || '', tag: told.tag, data: { url: told.url || SCOPE }, lang: told.lang, requireInteraction: true, renotify: Boolean(told.tag),
  }));
});
self.addEventListener('notificationclick', event => {
  event.notification.close();
  const target = new URL(event.notification.data.url, self.location.origin);
  if (target.origin !== self.location.origin) return;
  event.waitUntil((async () => {
    for (const client of await self.clients.matchAll({ type: 'window' })) {
      if (isJob(new URL(client.url).pathname)) { await client.focus(); return client.navigate(target.href).catch(() => undefined); }
    }
    return self.clients.openWindow(target.href);
  })());
});
