/* sign.js: a finger's signature on a canvas, kept as an SVG path a thousand wide. Without it a typed name signs. */
self.reveal = () => {
	const find = selector => document.querySelector(`#card ${selector}`), pad = find('canvas'), path = find('[name=drawing]');
	document.querySelectorAll('[data-js][hidden]').forEach(node => { node.hidden = false; });
	if (!pad) return;
	const pen = pad.getContext('2d');
	pen.lineWidth = 6;
	const draw = (event, letter) => {
		const box = pad.getBoundingClientRect();
		const [x, y] = [event.clientX - box.left, event.clientY - box.top].map(n => Math.max(0, Math.round(n / box.width * 1000)));
		if (path.value.length > 11900) return;
		path.value += `${letter}${x} ${y}`;
		if (letter === 'M') pen.beginPath();
		pen.lineTo(x, y);
		pen.stroke();
	};
	pad.onpointerdown = event => { pad.setPointerCapture(event.pointerId); draw(event, 'M'); };
	pad.onpointermove = event => event.buttons && draw(event, 'L');
	find('[data-clear]').onclick = () => { path.value = ''; pen.clearRect(0, 0, 1000, 400); };
};
self.reveal();
