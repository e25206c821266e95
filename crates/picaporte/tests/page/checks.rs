//! What is asked of a page that is laid out, as expressions for the browser: each gives a list of what is wrong.

/// Lays all of the page out, also what is left until it is seen.
pub(crate) const WHOLE: &str = "for (const part of document.querySelectorAll('.part')) part.style.contentVisibility = 'visible';";

/// Elements that stick out of the page, or out of themselves, by more than a pixel; the map has a frame to scroll in.
pub(crate) const STICKS_OUT: &str = r"(() => {
    const wide = document.documentElement.clientWidth;
    const says = (why, e) => why + ': ' + e.localName + ' ' + e.textContent.slice(0, 60);
    const out = [];
    if (document.documentElement.scrollWidth > wide) out.push('the page is ' + document.documentElement.scrollWidth + ' wide');
    for (const e of document.querySelectorAll('main *:not(svg *)')) {
        if (e.closest('.scroll') || e.closest('template')) continue;
        const box = e.getBoundingClientRect();
        if (box.width && (box.right > wide + 1 || box.left < -1)) out.push(says('sticks out', e));
        const clipped = getComputedStyle(e).clipPath !== 'none' || e.closest('thead') && getComputedStyle(e.closest('thead')).clipPath !== 'none';
        if (!clipped && e.localName !== 'svg' && e.clientWidth && e.scrollWidth > e.clientWidth + 1) out.push(says('too narrow', e));
    }
    return out.slice(0, 9);
})()";

/// Cells and terms of one row that lie on each other, and words of the map that do.
pub(crate) const OVERLAPS: &str = r"(() => {
    const out = [];
    const lie = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const text = e => { const range = document.createRange(); range.selectNodeContents(e); return range.getBoundingClientRect(); };
    for (const row of [...document.querySelectorAll('tr, nav ul, .legend')].slice(0, 400)) {
        const cells = [...row.children].filter(e => !e.closest('thead') || getComputedStyle(e.closest('thead')).clipPath === 'none');
        for (let i = 0; i + 1 < cells.length; i++)
            if (lie(text(cells[i]), text(cells[i + 1]))) out.push(cells[i].textContent.slice(0, 40) + ' on ' + cells[i + 1].textContent.slice(0, 40));
    }
    const labels = [...document.querySelectorAll('svg.map text:not([transform])')].map(e => [e, e.getBoundingClientRect()]);
    for (let i = 0; i + 1 < labels.length; i++)
        if (lie(labels[i][1], labels[i + 1][1])) out.push('map: ' + labels[i][0].textContent + ' on ' + labels[i + 1][0].textContent);
    const blocks = document.querySelector('svg.map path')?.getBBox();
    for (const [e] of labels.slice(1)) if (blocks && e.getBBox().x === 0 && e.getBBox().width > blocks.x) out.push('map: ' + e.textContent + ' runs into its row');
    return out.slice(0, 9);
})()";

/// Captions that run over several lines though their table has room for them: a table that is laid out as a block squeezes its own.
pub(crate) const SQUEEZED: &str = r"(() => {
    const lines = e => { const range = document.createRange(); range.selectNodeContents(e); return new Set([...range.getClientRects()].map(box => box.top)).size; };
    return [...document.querySelectorAll('caption')]
        .filter(e => lines(e) > 1 && e.getBoundingClientRect().width < e.parentElement.getBoundingClientRect().width / 2)
        .slice(0, 9).map(e => 'squeezed: ' + e.textContent.slice(0, 60));
})()";

/// Texts whose contrast with the page is less than 4.5 : 1 (WCAG 2.2, success criterion 1.4.3), and parts of drawings under
/// 3 : 1 (1.4.11). The formulas are those of WCAG.
pub(crate) const CONTRAST: &str = r"(() => {
    const parse = colour => colour.match(/[\d.]+/g).map(Number);
    const linear = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const light = c => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
    const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
    // What has no colour of its own is printed on white.
    const behind = parse(getComputedStyle(document.body).backgroundColor);
    const page = behind[3] === 0 ? [255, 255, 255] : behind;
    const out = new Set();
    for (const e of document.querySelectorAll('main *:not(path, rect, line, svg, title, template)')) {
        const text = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!text) continue;
        const style = getComputedStyle(e);
        const ratio = contrast(parse(e.closest('svg') ? style.fill : style.color), page);
        if (ratio < 4.5) out.add(e.localName + ' ' + ratio.toFixed(2));
    }
    for (const e of document.querySelectorAll('svg path, svg rect')) {
        const style = getComputedStyle(e);
        const colour = e.classList.contains('untested') ? style.stroke : style.fill;
        const ratio = contrast(parse(colour), page);
        if (ratio < 3) out.add(e.localName + '.' + e.getAttribute('class') + ' ' + ratio.toFixed(2));
    }
    out.add('page ' + (light(page) > 0.5 ? 'light' : 'dark'));
    return [...out];
})()";
