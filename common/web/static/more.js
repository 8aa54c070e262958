/* more.js: on top of app.js, for pages that have such a thing: live panels, what keeps itself fresh, quick dates, end times that show their length,
   copying, what scrolls sideways. */
(() => {
  const { find, all, t, say, fill } = window.citykeys;

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
     The answer is a fragment, or a page holding the same id. */
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

  /* What keeps itself fresh: <div id data-renew="30"> asks for its page again every so many seconds, not while somebody is
     at work in it, and no more once the answer holds a [data-settled]. */
  all('[data-renew]').forEach(box => {
    const timer = setInterval(async () => {
      if (document.hidden || box.contains(document.activeElement)) return;
      try {
        const answer = await fetch(location.href, { headers: { 'X-Partial': '1' } });
        if (answer.ok && !answer.redirected) fill(box, await answer.text());
      } catch { /* the old content stays */ }
      reach();
      if (find('[data-settled]', box)) clearInterval(timer);
    }, box.dataset.renew * 1000);
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

  /* Copying. */
  document.addEventListener('click', async event => {
    const copy = event.target.closest('[data-copy]');
    if (copy) {
      const box = document.getElementById(copy.dataset.copy);
      box.select();
      try { await navigator.clipboard.writeText(box.value); } catch { document.execCommand('copy'); }
      toast(t('已複製', 'Copied'));
    }
  });

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
})();
