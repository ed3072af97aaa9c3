/** Explanations: the name of a quantity is a button that opens its paragraph, for fingers and keyboards too. */
import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { explanationOf, symbolsOf } from '../explanations'
import { Dialog } from './dialog'

/** What the dialog explains; empty while it is closed. */
const about = signal('')

/** A name that explains itself when it is pressed. */
export function Term(props: { about: string; children: ComponentChildren }) {
  return (
    <button
      type="button"
      class="term"
      aria-haspopup="dialog"
      data-about={props.about}
      onClick={() => (about.value = props.about)}
    >
      {props.children}
    </button>
  )
}

/** The one dialog of all explanations. */
export function Explain() {
  const known = explanationOf(about.value)
  const title = known && (
    <>
      {known.title} {known.own && <code>{known.own}</code>}
    </>
  )
  return (
    <Dialog name="explain" title={title} open={known !== undefined} onClose={() => (about.value = '')}>
      {known && <p>{known.text}</p>}
      {known?.equation && <Equation text={known.equation} />}
      {known?.source && <p class="hint">Source: {known.source}</p>}
    </Dialog>
  )
}

function Equation({ text }: { text: string }) {
  const symbols = symbolsOf(text)
  return (
    <>
      <p class="equation">{text}</p>
      {symbols.length > 0 && (
        <dl class="symbols">
          {symbols.map(([symbol, meaning]) => (
            <div key={symbol}>
              <dt>{symbol}</dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  )
}
