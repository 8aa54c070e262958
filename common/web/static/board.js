/* board.js: dragging, keys and news on a board of bars. Links and forms do the same without it. */
(() => {
  const { find, all, say, fill } = window.citykeys, on = (kind, work) => document.addEventListener(kind, work);
  const desk = find('#desk'), step = 15, hint = text => say(find(text)?.textContent.trim() || '');
  const near = (node, what) => node.closest?.(what);
  const at = (bar, edge = 's') => +getComputedStyle(bar).getPropertyValue('--' + edge);
  const onLine = bar => bar.matches('.bar'), rows = () => all('.brow', desk);
  let held = null, dragged = false; // held: bar, row, shift; and x, y in the mouse's hand

  const begin = () => {
    const undo = find('.undo', desk);
    if (undo) setTimeout(() => undo.remove(), undo.dataset.undo * 1000);
  };

  /* An answer is the whole desk, with what is wrong in it. */
  const ask = async (url, body, focus) => {
    try {
      const answer = await fetch(url, { method: body ? 'POST' : 'GET', body, headers: { 'X-Partial': '1' } }), html = await answer.text();
      const fresh = new DOMParser().parseFromString(html, 'text/html').getElementById('desk');
      if (!fresh || answer.redirected) return location.reload();
      for (const { name, value } of fresh.attributes) desk.setAttribute(name, value);
      fill(desk, html);
      history.replaceState(null, '', desk.dataset.here);
      begin();
      (find('.errsum', desk) || find(focus || '#chosen'))?.focus();
      hint('#desk .errsum, #desk .undo .grow, #desk .notice');
    } catch { find('#offline').hidden = false; }
  };
  on('submit', event => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== 'post' || !desk.contains(form)) return;
    event.preventDefault();
    ask(form.action, new URLSearchParams(new FormData(form, event.submitter)), form.id === 'place' && `#t${form.action.match(/\d+(?=\/place)/)}`);
  });

  /* A held bar shows where it would land. Weeks are too coarse to shift in. */
  const clock = (bar, edge, shift) => new Date((at(bar, edge) + shift + 360) * 6e4).toISOString().slice(11, 16);
  const aim = (row, shift) => {
    find('.ghost')?.remove();
    find('.over')?.classList.remove('over');
    if (!row) return;
    const { bar } = held, ok = onLine(bar) && !find('.week') && at(bar) + shift >= 0 && at(bar, 'e') + shift <= at(bar, 'n');
    if (!ok) shift = held.shift;
    Object.assign(held, { row, shift });
    row.classList.add('over');
    if (!onLine(bar)) return;
    const ghost = Object.assign(document.createElement('span'), { className: 'bar ghost' });
    for (const edge of 'se') ghost.style.setProperty(`--${edge}`, at(bar, edge) + shift);
    ghost.textContent = find('.week') ? '' : `${clock(bar, 's', shift)}–${clock(bar, 'e', shift)}`;
    find('.track', row).append(ghost);
  };
  const lay = keep => {
    const { bar, row, shift } = held || {};
    held = null;
    aim();
    if (!keep || !row || (row === near(bar, '.brow') && !shift)) return;
    const body = new URLSearchParams(new FormData(find('#mover'))), id = bar.id.slice(1);
    body.set('rev', bar.dataset.r);
    if (row !== near(bar, '.brow')) body.set(desk.dataset.field, row.dataset.unit);
    if (shift) body.set('shift', shift);
    ask(desk.dataset.place.replace('/0/', `/${id}/`), body, `#t${id}`);
  };

  /* Arrows go from bar to bar; M takes one up, arrows carry it, Enter lays it down, Esc lets go. */
  on('keydown', event => {
    const { key } = event, bar = near(event.target, 'a.bar, .queued'), turn = /Down|Right/.test(key) ? 1 : -1;
    const arrow = key.startsWith('Arrow') && !event.altKey, upDown = /Up|Down/.test(key);
    if (held && (arrow || key === 'Enter' || key === 'Escape')) {
      event.preventDefault();
      if (!arrow) return lay(key === 'Enter');
      const line = rows();
      aim((upDown && line[line.indexOf(held.row) + turn]) || held.row, held.shift + (upDown ? 0 : turn * step));
      held.row.scrollIntoView({ block: 'nearest' });
      say(`${held.row.ariaLabel} ${find('.ghost')?.textContent || ''}`);
    } else if (bar && arrow && onLine(bar)) {
      const row = near(bar, '.brow'), line = rows().filter(one => find('a.bar', one)), own = all('a.bar', row), far = one => Math.abs(at(one) - at(bar));
      const to = upDown ? all('a.bar', line[line.indexOf(row) + turn] || row).sort((a, b) => far(a) - far(b))[0] : own[own.indexOf(bar) + turn];
      event.preventDefault();
      to?.focus();
    } else if (key === 'Tab' && bar && onLine(bar) && !find('.spot')) { // the board is one tab stop
      all('a.bar', desk).at(event.shiftKey ? 0 : -1)?.focus({ preventScroll: true });
    } else if (bar?.dataset.r && /^m$/i.test(key) && rows()[0]) {
      held = { bar, shift: 0 };
      aim(near(bar, '.brow') || rows()[0], 0);
      say(desk.dataset.mode);
    }
  });
  on('focusout', event => { if (held?.bar === event.target) lay(); });

  /* A mouse drags; a finger taps. */
  on('dragstart', event => { if (near(event.target, '#desk a')) event.preventDefault(); });
  on('pointerdown', ({ target, pointerType, button, clientX: x, clientY: y }) => {
    const bar = near(target, '#desk [data-r]');
    dragged = false;
    if (bar && pointerType === 'mouse' && !button) held = { bar, shift: 0, x, y };
  });
  on('pointermove', ({ clientX, clientY }) => {
    if (!held?.x || (!dragged && Math.hypot(clientX - held.x, clientY - held.y) < 6)) return;
    dragged = true;
    const row = near(document.elementFromPoint(clientX, clientY) || desk, '.brow'), bar = held.bar;
    held.row = null;
    aim(row, onLine(bar) ? Math.round((clientX - held.x) / bar.parentNode.clientWidth * at(bar, 'n') / step) * step : 0);
  });
  on('pointerup', () => { if (held?.x) lay(dragged); });
  document.addEventListener('click', event => {
    const load = near(event.target, '#news a');
    if ((dragged && near(event.target, '[data-r]')) || load) event.preventDefault();
    if (load) ask(desk.dataset.here);
    dragged = false;
  }, true);

  /* News, every 20 seconds, never into somebody's hands. */
  const busy = () => held || document.hidden || document.activeElement.matches('#desk :is(input, select, textarea)');
  const poll = async () => {
    if (busy()) return;
    let answer;
    try { answer = await fetch(desk.dataset.live, { headers: { 'If-None-Match': `"${desk.dataset.revision}"` } }); } catch { /* below */ }
    find('#offline').hidden = Boolean(answer);
    if (answer?.status !== 200 || answer.redirected) return;
    const { changes: n } = await answer.json(), news = find('#news');
    news.firstChild.textContent = desk.dataset.news.replace('0', n);
    news.hidden = false;
    hint('#news span');
  };
  setInterval(poll, 20000);
  ['focus', 'online'].forEach(kind => addEventListener(kind, poll));
  begin();
})();
