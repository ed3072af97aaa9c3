/** Files that are dropped on the page; what opens them is loaded only then. */
export function watchDrops(): void {
  addEventListener('dragover', (event) => event.preventDefault())
  addEventListener('drop', (event) => {
    event.preventDefault()
    // Only now: after the event the list is empty.
    const entries = [...event.dataTransfer!.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
    void import('./dropped').then(({ openEntries }) => openEntries(entries))
  })
}
