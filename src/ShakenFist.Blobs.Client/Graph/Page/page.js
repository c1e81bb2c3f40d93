'use strict';
(() => {
  const byId = id => document.getElementById(id);
  const graph = JSON.parse(byId('graph').textContent);
  const stage = byId('stage');
  const drawing = byId('drawing');
  const panel = byId('panel');
  const search = byId('search');
  const width = drawing.viewBox.baseVal.width;
  const height = drawing.viewBox.baseVal.height;

  // Each node has its element, its edges, and its position.
  const nodes = new Map();
  for (const node of graph.nodes) {
    const element = byId(node.id);
    const at = element.transform.baseVal.consolidate().matrix;
    nodes.set(node.id, { ...node, element, x: at.e, y: at.f, uses: [], used: [] });
  }
  for (const edge of graph.edges) {
    edge.element = byId(edge.id);
    edge.source = nodes.get(edge.from);
    edge.target = nodes.get(edge.to);
    edge.source.uses.push(edge);
    edge.target.used.push(edge);
  }
  let chosen = null;

  // Zooming keeps the center of the view. If a drawing is too large to be readable as a whole, it starts at a larger scale.
  let scale = 1;
  function zoom(to) {
    const x = (stage.scrollLeft + stage.clientWidth / 2) / scale;
    const y = (stage.scrollTop + stage.clientHeight / 2) / scale;
    scale = Math.min(3, Math.max(0.1, to));
    drawing.style.width = `${width * scale}px`;
    drawing.style.height = `${height * scale}px`;
    stage.scrollTo(x * scale - stage.clientWidth / 2, y * scale - stage.clientHeight / 2);
  }
  const fitting = () => Math.min(1.15, stage.clientWidth / width, stage.clientHeight / height);
  byId('zoom-in').addEventListener('click', () => zoom(scale * 1.25));
  byId('zoom-out').addEventListener('click', () => zoom(scale / 1.25));
  byId('zoom-fit').addEventListener('click', () => zoom(fitting()));
  stage.addEventListener('wheel', event => {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      zoom(scale * Math.exp(-event.deltaY / 400));
    }
  }, { passive: false });

  function show(node) {
    node.element.scrollIntoView({ block: 'center', inline: 'center' });
  }

  // Dragging the background moves the drawing.
  let drag = null;
  stage.addEventListener('pointerdown', event => {
    if (event.pointerType === 'mouse' && event.button === 0 && !event.target.closest('.node')) {
      drag = { x: event.clientX + stage.scrollLeft, y: event.clientY + stage.scrollTop };
      stage.classList.add('dragging');
    }
  });
  addEventListener('pointermove', event => {
    if (drag) {
      stage.scrollTo(drag.x - event.clientX, drag.y - event.clientY);
    }
  });
  addEventListener('pointerup', () => {
    drag = null;
    stage.classList.remove('dragging');
  });

  // Highlights the element under the pointer or with the focus, and its neighbors. If there is none, highlights the selected element.
  function light(element) {
    for (const lit of drawing.querySelectorAll('.lit')) {
      lit.classList.remove('lit');
    }
    const node = element && nodes.get(element.id);
    const edges = node ? [...node.uses, ...node.used] : graph.edges.filter(edge => edge.element === element);
    if (node) {
      node.element.classList.add('lit');
    }
    for (const edge of edges) {
      for (const part of [edge, edge.source, edge.target]) {
        part.element.classList.add('lit');
      }
    }
    drawing.classList.toggle('dimming', edges.length > 0 || Boolean(node));
  }
  const rest = () => light(chosen && chosen.element);
  drawing.addEventListener('pointerover', event => {
    const over = event.target.closest('.node, .edge');
    if (over) {
      light(over);
    } else {
      rest();
    }
  });
  drawing.addEventListener('pointerleave', rest);
  drawing.addEventListener('focusin', event => light(event.target.closest('.node')));
  drawing.addEventListener('focusout', rest);

  // The properties. All values are set as text, never as HTML.
  function add(parent, tag, text) {
    const element = document.createElement(tag);
    element.textContent = text;
    parent.append(element);
    return element;
  }
  function list(id, edges, otherOf) {
    byId(id).replaceChildren();
    byId(`${id}-heading`).hidden = edges.length === 0;
    for (const edge of edges) {
      const other = otherOf(edge);
      const button = add(add(byId(id), 'li', ''), 'button', edge.label);
      button.type = 'button';
      button.className = [...edge.element.classList].find(name => name.startsWith('r-'));
      add(button, 'span', `${other.type} ${other.uuid}`);
      const known = [edge.created && `since ${edge.created}`, edge.active && `seen ${edge.active}`, edge.derived && 'derived from other fields'];
      for (const line of known.filter(Boolean)) {
        add(button, 'small', line);
      }
      button.addEventListener('click', () => {
        choose(other);
        show(other);
        other.element.focus({ preventScroll: true });
      });
    }
  }
  function choose(node) {
    chosen?.element.classList.remove('chosen');
    chosen = node;
    panel.hidden = !node;
    if (node) {
      node.element.classList.add('chosen');
      panel.className = [...node.element.classList].find(name => name.startsWith('k-'));
      byId('panel-type').textContent = node.type;
      byId('panel-name').textContent = node.uuid;
      byId('panel-facts').replaceChildren();
      for (const [name, value] of node.facts) {
        add(byId('panel-facts'), 'dt', name);
        add(byId('panel-facts'), 'dd', value);
      }
      list('uses', node.uses, edge => edge.target);
      list('used', node.used, edge => edge.source);
      panel.scrollTop = 0;
    }
    rest();
  }
  drawing.addEventListener('click', event => {
    const element = event.target.closest('.node');
    if (element) {
      choose(nodes.get(element.id));
    }
  });
  byId('close').addEventListener('click', () => {
    const last = chosen;
    choose(null);
    last?.element.focus();
  });

  // Arrow keys move the focus to the nearest card in that direction.
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  function neighbour(from, [dx, dy]) {
    let best = null;
    let least = Infinity;
    for (const to of nodes.values()) {
      const along = (to.x - from.x) * dx + (to.y - from.y) * dy;
      const aside = Math.abs((to.x - from.x) * dy + (to.y - from.y) * dx);
      const distance = along + aside * 2;
      if (along > 5 && distance < least && !to.element.hasAttribute('hidden')) {
        [best, least] = [to, distance];
      }
    }
    return best;
  }
  addEventListener('keydown', event => {
    const element = document.activeElement.closest('.node');
    if (event.key === 'Escape') {
      search.value = '';
      find();
      choose(null);
    } else if (event.key === '/' && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    } else if (element && (event.key === 'Enter' || event.key === ' ')) {
      event.preventDefault();
      choose(nodes.get(element.id));
    } else if (element && ways[event.key]) {
      event.preventDefault();
      neighbour(nodes.get(element.id), ways[event.key])?.element.focus();
    }
  });

  // Search: all words must occur in the properties of a node, or in the label of an edge.
  let hits = [];
  function find() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = text => words.every(word => text.toLowerCase().includes(word));
    hits = [];
    for (const node of nodes.values()) {
      const hit = matches([node.type, node.uuid, ...node.facts.flat()].join(' '));
      node.element.classList.toggle('hit', hit);
      if (hit) {
        hits.push(node);
      }
    }
    let edgeHits = 0;
    for (const edge of graph.edges) {
      const hit = matches(edge.label);
      edge.element.classList.toggle('hit', hit);
      edgeHits += hit;
    }
    drawing.classList.toggle('searching', words.length > 0);
    byId('hits').textContent = words.length > 0 ? `${hits.length + edgeHits} found` : '';
  }
  search.addEventListener('input', find);
  search.addEventListener('keydown', event => {
    if (event.key === 'Enter' && search.value && hits.length > 0) {
      const next = hits[(hits.indexOf(chosen) + 1) % hits.length];
      choose(next);
      show(next);
    }
  });

  // The legend hides and shows elements. An edge is hidden if either of its ends is.
  const hidden = new Set();
  for (const chip of document.querySelectorAll('.chip')) {
    chip.addEventListener('click', () => {
      const off = chip.getAttribute('aria-pressed') === 'true';
      chip.setAttribute('aria-pressed', String(!off));
      hidden[off ? 'add' : 'delete'](chip.dataset.hides);
      const gone = element => [...element.classList].some(name => hidden.has(name));
      for (const node of nodes.values()) {
        node.element.toggleAttribute('hidden', gone(node.element));
      }
      for (const edge of graph.edges) {
        edge.element.toggleAttribute('hidden', [edge.element, edge.source.element, edge.target.element].some(gone));
      }
    });
  }

  // A drawing that is too large to be readable as a whole initially shows the requested blob, or its center.
  zoom(Math.max(0.6, fitting()));
  const roots = [...nodes.values()].filter(node => node.element.classList.contains('root'));
  if (roots.length === 1) {
    show(roots[0]);
  } else {
    stage.scrollTo((stage.scrollWidth - stage.clientWidth) / 2, (stage.scrollHeight - stage.clientHeight) / 2);
  }
})();
