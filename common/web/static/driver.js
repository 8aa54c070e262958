/* driver.js: works without a network. A tap is kept on the phone, with its time and a key of its own, then sent in order;
	 the server takes each once. Without this script the page's forms work as they are. */
(() => {
	const find = selector => document.querySelector(selector), all = selector => [...document.querySelectorAll(selector)];
	const { person, state, acts, home, worker } = find('#driver').dataset, job = find('#job');
	const words = JSON.parse(find('#words').textContent), english = document.documentElement.lang === 'en', { serviceWorker: service } = navigator;
	const w = (name, n = '') => words[name].replace('{n}', n.toLocaleString('en'));
	const number = text => Number(String(text ?? '').normalize('NFKC').replace(/[,\s]/g, '') || NaN);
	const make = (tag, textContent, more) => Object.assign(document.createElement(tag), { textContent, ...more });

	/* Kept on the phone. */
	const database = new Promise(done => {
		const opening = indexedDB.open('citykeys-driver', 1);
		opening.onupgradeneeded = () => opening.result.createObjectStore('acts', { keyPath: 'id', autoIncrement: true });
		opening.onsuccess = () => done(opening.result);
	});
	const store = async ask => {
		const change = (await database).transaction('acts', 'readwrite'), asked = ask(change.objectStore('acts'));
		return new Promise(done => { change.oncomplete = () => done(asked.result); });
	};
	const waiting = async () => (await store(kept => kept.getAll())).filter(act => act.person === person);
	const drop = act => store(kept => kept.delete(act.id)), put = act => store(kept => kept.put(act));
	const tap = (what, data = {}) => ({
		person, what, data, key: `${Date.now()}-${Math.random()}`, trip_id: job.dataset.trip,
		told_at: new Date().toISOString(), vehicle_id: job.dataset.car, starts_at: job.dataset.starts,
	});

	/* Said to the driver. */
	const net = find('#net'), note = find('#told');
	const tell = (tone, text, href, label) => {
		note.className = `note ${tone}`;
		note.hidden = !text;
		note.replaceChildren(make('p', text), ...(href ? [make('a', label, { href, className: 'btn s' })] : []));
	};
	const show = async how => {
		const n = (await waiting()).filter(act => act.what !== 'seen').length;
		const bad = 'off out'.includes(how);
		net.className = `tag ${bad ? 'warn' : n ? 'wait' : 'ok'}`;
		net.textContent = bad ? w(how) : n ? w('queued', n) : w('synced') + new Date().toTimeString().slice(0, 5);
		if (how === 'off') tell('warn', w(n ? 'keep_going' : 'no_network', n));
		else if (how === 'out') tell('warn', w('sign_in_again', n), `/sign-in?next=${location.pathname}`, w('sign_in'));
		else if (!how) tell();
	};

	/* Where the job stands, with what is not yet sent. */
	const STEP = { accept: 1, decline: 1, start: 2, finish: 3, sign: 4, record: 1 };
	const fault = (form, name, text) => {
		find('#fault')?.remove();
		const named = form.elements[name], box = named?.[0] || named || form.querySelector('.in');
		box.closest('.field').append(make('p', text, { className: 'err', id: 'fault', role: 'alert' }));
		box.setAttribute('aria-describedby', 'fault');
		box.ariaInvalid = true;
		box.focus();
	};
	const stepTo = step => {
		if (!find('#card')) return;
		all('.phone-steps li').forEach((li, n) => {
			li.className = n + 1 < step ? 'past' : n + 1 === step ? 'on' : '';
			li.ariaCurrent = n + 1 === step ? 'step' : null;
		});
		for (const part of ['card', 'dock']) {
			const next = find(`#${part}-${step}`);
			find(`#${part}`).replaceChildren(next ? next.content.cloneNode(true) : '');
		}
		all('[data-left]').forEach(node => { node.textContent = number(job.dataset.out).toLocaleString('en'); });
		self.reveal?.();
	};
	const replay = async () => {
		for (const { id, trip_id, what, data, refused } of await waiting()) {
			if (what === 'seen') continue;
			if (trip_id !== job?.dataset.trip) {
				if (refused) tell('bad', w('fix'), `${home}/${trip_id}`, w('see'));
				continue;
			}
			if (data.odometer_out) job.dataset.out = number(data.odometer_out);
			if (!refused) {
				if (what === 'decline' && !find('#card')) location.assign(home);
				stepTo(what === 'decline' ? 5 : STEP[what] + 1);
				continue;
			}
			if (!find(`form[data-act=${what}]`)) stepTo(STEP[what]);
			const form = find(`form[data-act=${what}]`), { field, words: why } = refused.errors[0];
			form.dataset.again = id;
			for (const name in data) if (form.elements[name]) form.elements[name].value = data[name];
			return fault(form, field, why[+english]);
		}
	};

	/* Sending, in order; nothing is dropped before the server has answered for it. */
	const ask = (url, options) => fetch(url, { ...options, signal: AbortSignal.timeout(12000) });
	let typing, later;
	const send = async (go, again) => {
		clearTimeout(later);
		let done;
		const held = new Set();
		try {
			const entry = await ask(state); // a fresh token, and sign-in where possible
			if (entry.status > 499) throw entry;
			const me = entry.headers.get('Content-Type').includes('json') && await entry.json();
			if (!me.token) return show('out');
			if (me.person !== person) return location.reload();
			for (const act of await waiting()) {
				if (act.refused || held.has(act.trip_id)) { held.add(act.trip_id); continue; }
				const sent = { csrf_token: me.token, act: JSON.stringify({ ...act, sent_at: new Date() }) };
				const answer = await ask(acts, { method: 'POST', body: new URLSearchParams(sent) });
				if ([400, 401].includes(answer.status)) return again ? show('out') : send(go, true);
				if (answer.status > 428) throw answer;
				const told = answer.ok ? await answer.json() : { outcome: 'gone', words: Array(2).fill(w('not_taken')) }, { outcome } = told;
				if (outcome !== 'done') held.add(act.trip_id);
				if (outcome === 'refused') await put({ ...act, refused: told });
				else await drop(act);
				if (act.what === 'seen') continue;
				done ||= outcome === 'done';
				if (outcome === 'gone') {
					for (const one of await waiting()) one.trip_id === act.trip_id && await drop(one);
					localStorage.gone = told.words[+english];
				}
			}
		} catch { later = setTimeout(flush, 20000); return show('off'); }
		if (localStorage.gone) return gone();
		await show(held.size);
		if (held.size) return replay();
		if (done && (go || !typing)) location.assign(go || location);
	};
	const flush = go => navigator.locks?.request('acts', () => send(go)) ?? send(go);

	/* Dispatch decided otherwise. */
	const gone = async () => {
		stepTo(6);
		await show('gone');
		tell('bad', localStorage.gone, home, w('ok'));
		note.lastChild.onclick = () => localStorage.removeItem('gone');
	};

	/* Taps. */
	const check = (act, data) => {
		const { out, known, far, limit } = job.dataset, km = number(data.odometer_in ?? data.odometer_out), over = km - out - far;
		if (act === 'sign' && !data.name) return ['name', w('whose_name')];
		if (act === 'decline' && !data.reason_code) return ['reason_code', w('why')];
		if (act === 'start' && !(km >= known)) return ['odometer_out', w(km ? 'below_known' : 'odometer', number(known))];
		if (act === 'finish' && !(km >= out)) return ['odometer_in', w(km ? 'below_start' : 'odometer')];
		return data.note ? null : data.reason_code === 'other' ? ['note', w('why')] : act === 'finish' && over > limit ? ['note', w('too_far', over)] : null;
	};
	document.addEventListener('submit', async event => {
		const form = event.target, { act: what, again, then, sent } = form.dataset;
		if (form.action.endsWith('/sign-out')) service?.controller?.postMessage('forget');
		if (!what) return;
		event.preventDefault();
		const { csrf_token: token, rev, ...data } = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
		const wrong = check(what, data);
		if (wrong) return fault(form, ...wrong);
		if (sent) return;
		form.dataset.sent = 1;
		const act = tap(what, data);
		if (again) act.id = +again; // it keeps its place
		await put(act);
		typing = false;
		await flush(then);
		delete form.dataset.sent;
		if ((await waiting()).some(one => one.key === act.key && !one.refused)) replay();
	});
	document.addEventListener('input', ({ target }) => {
		typing = true;
		if (target.name !== 'odometer_in') return;
		const km = number(target.value) - job.dataset.out;
		find('[data-km]').textContent = km >= 0 ? w('this_trip', km) : '';
	});

	const begin = async () => {
		await replay();
		if (job?.dataset.given && localStorage.seen !== job.dataset.given) {
			await put(tap('seen'));
			localStorage.seen = job.dataset.given;
		}
		flush();
		addEventListener('online', () => flush());
		addEventListener('offline', () => show('off'));
		document.addEventListener('visibilitychange', () => document.hidden || flush());
		if (!service) return;
		const kept = await service.register(worker, { scope: home });
		(await service.ready).active.postMessage({ keep: [home, location.pathname, ...all('[data-keep]').map(a => a.pathname)] });
		find('#push').hidden = !kept.pushManager || Notification.permission === 'denied' || !!await kept.pushManager.getSubscription();
	};
	begin();
})();
