// What an element says on hover, at once and also when it is reached by keyboard: its `title`, shown beside it. Under the
// pointer the title is away while that is shown, so that the browser does not show it a second time.

const SPACE = 12;

export function showTips(): void {
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  tip.setAttribute('role', 'tooltip');
  document.body.append(tip);
  let shown: { readonly owner: Element; readonly back: () => void } | undefined;

  function hide(): void {
    shown?.back();
    shown = undefined;
    tip.hidden = true;
  }

  function show(target: EventTarget | null, isPointed: boolean): void {
    if (shown?.owner.contains(target as Node)) return;
    hide();
    const owner = (target as Element).closest('[title], .area, .point, .step');
    const taken = owner && titleOf(owner);
    if (!taken) return;
    if (isPointed) taken.away();
    shown = { owner, back: isPointed ? taken.back : () => {} };
    tip.textContent = taken.text;
    tip.hidden = false;
    place(tip, owner.getBoundingClientRect());
  }

  document.addEventListener('pointerover', ({ target }) => show(target, true));
  document.addEventListener('focusin', ({ target }) => {
    if ((target as Element).matches(':focus-visible')) show(target, false);
  });
  document.addEventListener('focusout', hide);
  document.addEventListener('pointerdown', hide);
  document.addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') hide();
  });
  addEventListener('scroll', () => shown && place(tip, shown.owner.getBoundingClientRect()), {
    passive: true,
    capture: true,
  });
}

interface Title {
  readonly text: string;
  readonly away: () => void;
  readonly back: () => void;
}

/** An attribute of elements, an element of drawings. */
function titleOf(owner: Element): Title | undefined {
  const text = owner.getAttribute('title');
  const inside = owner.querySelector(':scope > title');
  if (text) {
    return {
      text,
      away: () => owner.removeAttribute('title'),
      back: () => owner.setAttribute('title', text),
    };
  }
  if (!inside) return undefined;
  return {
    text: inside.textContent!,
    away: () => inside.remove(),
    back: () => owner.prepend(inside),
  };
}

/** Below the element, or above it where there is no room. */
function place(tip: HTMLElement, { left, top, bottom }: DOMRect): void {
  const { width, height } = tip.getBoundingClientRect();
  const below = bottom + SPACE + height < innerHeight;
  tip.style.left = `${Math.max(SPACE, Math.min(left, innerWidth - width - SPACE))}px`;
  tip.style.top = `${below ? bottom + SPACE / 2 : Math.max(SPACE, top - height - SPACE / 2)}px`;
}
