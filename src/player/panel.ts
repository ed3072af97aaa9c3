/** The page's elements: made by name, with text that is never read as HTML. */

export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  set: Partial<Omit<HTMLElementTagNameMap[K], 'style'>> = {},
  inside: (Node | string)[] = [],
): HTMLElementTagNameMap[K] {
  const element = Object.assign(document.createElement(name), set)
  element.append(...inside)
  return element
}

export const button = (text: string, onClick: () => void): HTMLButtonElement =>
  make('button', { type: 'button', textContent: text, onclick: onClick })

export interface Slider {
  row: HTMLElement
  /** Shows a value that comes from elsewhere, unless somebody is moving it. */
  show(value: number): void
}

/** A labelled slider between `min` and `max`, with its number beside it. */
export function slider(
  label: string,
  range: { min: number; max: number; value: number },
  onInput: (value: number) => void,
): Slider {
  const { min, max, value } = range
  const out = make('output', { textContent: short(value) })
  const input = make('input', { type: 'range', min: `${min}`, max: `${max}`, step: 'any', value: `${value}` })
  let held = false
  input.onpointerdown = () => {
    held = true
  }
  input.onpointerup = input.onpointercancel = () => {
    held = false
  }
  input.oninput = () => {
    out.textContent = short(input.valueAsNumber)
    onInput(input.valueAsNumber)
  }
  return {
    row: make('label', {}, [make('span', { textContent: label }), input, out]),
    show(value) {
      if (held) return
      input.value = `${value}`
      out.textContent = short(value)
    },
  }
}

export function checkbox(label: string, checked: boolean, onChange: (checked: boolean) => void): HTMLElement {
  const input = make('input', { type: 'checkbox', checked })
  input.onchange = () => onChange(input.checked)
  return make('label', {}, [make('span', { textContent: label }), input])
}

/** At most four digits. */
export const short = (value: number): string => String(Number(value.toPrecision(4)))
