/* app.js: comfort on top of pages that already work; nothing here is needed. What only some pages use is in more.js. */
(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const english = document.documentElement.lang === 'en';
  const t = (zh, en) => (english ? en : zh);

  /** Say a sentence to screen readers. */
  const say = text => {
    const live = find('#live');
    if (!live) return;
    live.textContent = '';
    requestAnimationFrame(() => { live.textContent = text; });
  };

  /* What only works with a script is hidden until there is one. */
  const reveal = root => all('[data-js][hidden]', root).forEach(node => { node.hidden = false; });
  reveal();

  find('[data-focus]')?.focus();

  /* A fragment, or a page holding the same id, in place of what stands there; its <style> gets this page's nonce. */
  const nonce = find('style[nonce], script[nonce]')?.nonce || '';
  const fill = (target, html) => {
    const page = new DOMParser().parseFromString(html, 'text/html');
    const fresh = page.getElementById(target.id) || page.body;
    all('style', fresh).forEach(style => { style.nonce = nonce; });
    target.replaceChildren(...fresh.childNodes);
    reveal(target);
  };

  document.addEventListener('click', event => { if (event.target.closest('[data-print]')) print(); });
  addEventListener('beforeprint', () => all('details.more').forEach(one => { one.open = true; }));

  window.citykeys = { find, all, t, say, fill, reveal };

  if (find('form[data-live], [data-renew], [data-set], [data-copy], select[data-after], .tablewrap, .scroll')) {
    document.head.append(Object.assign(document.createElement('script'), { src: document.currentScript.dataset.more }));
  }

  /* Menus close on Escape, on a click elsewhere, and when focus leaves. */
  const menus = () => all('details.menu[open]');
  ['click', 'focusin'].forEach(kind => document.addEventListener(kind, event => menus().forEach(menu => { menu.open = menu.contains(event.target); })));
  document.addEventListener('keydown', event => {
    if (event.key === 'Escape') menus().forEach(menu => { menu.open = false; find('summary', menu).focus(); });
  });

  /* A form is sent once: a second press on the way does nothing. */
  document.addEventListener('submit', event => {
    const form = event.target;
    if (form.method !== 'post') return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = '1';
  });
  addEventListener('pageshow', () => all('form[data-sent]').forEach(form => { delete form.dataset.sent; }));

  /* Unread messages; a service that is down shows no number. */
  const badge = find('#unread'), source = document.body.dataset.unread;
  if (badge && source) {
    const count = async () => {
      if (document.hidden) return;
      try {
        const answer = await fetch(source, { headers: { Accept: 'application/json' } });
        if (!answer.ok) return;
        const { unread = 0 } = await answer.json();
        badge.hidden = !unread;
        badge.textContent = unread > 99 ? '99+' : unread;
        badge.previousElementSibling.textContent = unread ? t(`訊息，${unread} 則未讀`, `Messages, ${unread} unread`) : t('訊息', 'Messages');
      } catch { /* tried again in a minute */ }
    };
    count();
    setInterval(count, 60000);
    document.addEventListener('visibilitychange', count);
  }
})();
