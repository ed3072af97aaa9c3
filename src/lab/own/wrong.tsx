/** The page of an environment that cannot be used. */
export function Wrong({ text, advice }: { text: string; advice: string }) {
  return (
    <main class="missing" data-reason="own">
      <h1>The environment cannot be used</h1>
      <pre class="detail">{text}</pre>
      <p>{advice}</p>
    </main>
  )
}
