/* push.js: turns pushes on in this browser. The service worker that shows them is the driver's page's own. */
(() => {
  const button = document.querySelector('#push-on'), told = document.querySelector('#push-told');
  if (!button) return;
  const { url, worker, scope, denied, failed, none } = button.dataset;
  button.addEventListener('click', async () => {
    if (!('serviceWorker' in navigator) || !('PushManager' in self)) { told.textContent = none; return; }
    try {
      if (await Notification.requestPermission() !== 'granted') { told.textContent = denied; return; }
      const here = await navigator.serviceWorker.register(worker, { scope });
      for (let turn = 0; !here.active && turn < 50; turn++) await new Promise(done => setTimeout(done, 100));
      const { key, token } = await (await fetch(url)).json();
      const kept = await here.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      const sent = new URLSearchParams({ csrf_token: token, subscription: JSON.stringify(kept) });
      const answer = await fetch(url, { method: 'POST', body: sent });
      if (!answer.ok) throw new Error(answer.status);
      location.reload();
    } catch { told.textContent = failed; }
  });
})();
