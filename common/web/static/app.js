/* app.js: comfort on top of pages that already work. Nothing here is needed to use 市鑰 Citykeys. */
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

  /* What scrolls sideways can be reached by keyboard, and has a name. */
  const reach = () => all('.tablewrap, .scroll').forEach(box => {
    const scrolls = box.scrollWidth > box.clientWidth;
    if (scrolls && !box.hasAttribute('tabindex')) {
      box.tabIndex = 0;
      box.setAttribute('role', 'region');
      box.setAttribute('aria-label', find('caption', box)?.textContent || t('可以左右捲動', 'Scrolls sideways'));
    }
  });
  reach();
  addEventListener('resize', reach);

  /* Live panels: <form data-live="address" data-target="#id"> asks again as one types.
     The answer is a fragment, or a page holding the same id. A <style> in it gets this page's nonce. */
  const nonce = find('style[nonce], script[nonce]')?.nonce || '';
  const fill = (target, html) => {
    const page = new DOMParser().parseFromString(html, 'text/html');
    const fresh = page.getElementById(target.id) || page.body;
    all('style', fresh).forEach(style => { style.nonce = nonce; });
    target.replaceChildren(...fresh.childNodes);
    reveal(target);
  };
  all('form[data-live]').forEach(form => {
    let timer, asking;
    const ask = async () => {
      const target = find(form.dataset.target);
      if (!target) return;
      const typed = new FormData(form);
      ['csrf_token', 'password'].forEach(name => typed.delete(name));
      all('input[type=file]', form).forEach(box => typed.delete(box.name));
      asking?.abort();
      asking = new AbortController();
      target.setAttribute('aria-busy', 'true');
      try {
        const url = form.dataset.live + (form.dataset.live.includes('?') ? '&' : '?') + new URLSearchParams(typed);
        const answer = await fetch(url, { signal: asking.signal, headers: { 'X-Partial': '1' } });
        if (answer.ok && !answer.redirected) fill(target, await answer.text());
        target.removeAttribute('aria-busy');
      } catch (error) {
        if (error.name !== 'AbortError') target.removeAttribute('aria-busy'); // the old content stays
      }
    };
    const later = () => { clearTimeout(timer); timer = setTimeout(ask, 250); };
    form.addEventListener('input', later);
    form.addEventListener('citykeys:set', later);
  });

  /* Quick dates: a button fills a box. */
  const press = box => all(`[data-set="${box.id}"]`).forEach(button => {
    button.setAttribute('aria-pressed', String(button.dataset.value === box.value));
  });
  all('[data-set]').forEach(button => {
    const box = document.getElementById(button.dataset.set);
    if (!box) return;
    press(box);
    button.addEventListener('click', () => {
      box.value = button.dataset.value;
      press(box);
      box.dispatchEvent(new Event('input', { bubbles: true }));
      box.dispatchEvent(new Event('change', { bubbles: true }));
    });
    box.addEventListener('change', () => press(box));
  });

  /* End times show how long the booking is; those not after the start cannot be chosen. */
  const minutes = clock => { const [h, m] = clock.split(':'); return h * 60 + +m; };
  const length = n => {
    const hours = Math.round(n / 6) / 10;
    return n < 60 ? t(`${n} 分`, `${n} min`) : t(`${+hours.toFixed(2)} 小時`, `${+hours.toFixed(2)} h`);
  };
  all('select[data-after]').forEach(end => {
    const start = document.getElementById(end.dataset.after);
    if (!start) return;
    const relabel = () => all('option[value*=":"]', end).forEach(option => {
      const gap = start.value ? minutes(option.value) - minutes(start.value) : 0;
      option.disabled = Boolean(start.value) && gap <= 0;
      option.textContent = gap > 0 ? t(`${option.value}（${length(gap)}）`, `${option.value} (${length(gap)})`) : option.value;
    });
    let before = start.value;
    start.addEventListener('change', () => {
      const held = before && end.value ? minutes(end.value) - minutes(before) : 60;
      before = start.value;
      relabel();
      if (start.value && end.selectedOptions[0]?.disabled) { // keep the length where the new start passes the old end
        const wanted = minutes(start.value) + Math.max(held, 15);
        const choices = all('option[value*=":"]', end).filter(option => !option.disabled);
        const best = choices.find(option => minutes(option.value) >= wanted) || choices.at(-1);
        if (best) { end.value = best.value; end.dispatchEvent(new Event('input', { bubbles: true })); }
      }
    });
    relabel();
  });

  /* Copying and printing. */
  document.addEventListener('click', async event => {
    const copy = event.target.closest('[data-copy]');
    if (copy) {
      const box = document.getElementById(copy.dataset.copy);
      box.select();
      try { await navigator.clipboard.writeText(box.value); } catch { document.execCommand('copy'); }
      toast(t('已複製', 'Copied'));
    }
    if (event.target.closest('[data-print]')) print();
  });
  addEventListener('beforeprint', () => all('details.more').forEach(one => { one.open = true; }));

  /* Notices: those of this page stay where they are; new ones float for a while. */
  const toast = text => {
    const box = document.createElement('div');
    box.className = 'note ok toast';
    const words = document.createElement('div');
    words.textContent = text;
    box.append(words);
    document.body.append(box);
    say(text);
    setTimeout(() => box.remove(), 4000);
  };

  /* Menus close on Escape, on a click elsewhere, and when focus leaves. */
  const menus = () => all('details.menu[open]');
  document.addEventListener('click', event => menus().forEach(menu => { if (!menu.contains(event.target)) menu.open = false; }));
  document.addEventListener('focusin', event => menus().forEach(menu => { if (!menu.contains(event.target)) menu.open = false; }));
  document.addEventListener('keydown', event => {
    if (event.key === 'Escape') menus().forEach(menu => { menu.open = false; find('summary', menu).focus(); });
  });

  /* A form is sent once: a second press while the answer is on its way does nothing. */
  document.addEventListener('submit', event => {
    const form = event.target;
    if (form.method !== 'post') return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = '1';
  });
  addEventListener('pageshow', () => all('form[data-sent]').forEach(form => { delete form.dataset.sent; }));

  /* Unread messages. The address answers {"unread": n}; a service that is down shows no number. */
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
