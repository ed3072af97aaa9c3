import type { ComponentChildren } from 'preact'

/** A section with a heading, and tools beside it. */
export function Panel(props: {
  name: string
  title: ComponentChildren
  tools?: ComponentChildren
  children: ComponentChildren
}) {
  const id = `panel-${props.name}`
  return (
    <section class={`panel ${props.name}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.tools && <div class="tools">{props.tools}</div>}
      </header>
      {props.children}
    </section>
  )
}
