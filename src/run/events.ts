/** Event listeners. */
export class Listeners<Events extends object> {
  private readonly sets = new Map<keyof Events, Set<(event: never) => void>>()

  /** Returns a function that removes the listener. */
  on<E extends keyof Events>(name: E, listener: (event: Events[E]) => void): () => void {
    const set = this.sets.get(name) ?? new Set()
    this.sets.set(name, set.add(listener))
    return () => void set.delete(listener)
  }

  has(name: keyof Events): boolean {
    return (this.sets.get(name)?.size ?? 0) > 0
  }

  emit<E extends keyof Events>(name: E, event: Events[E]): void {
    for (const listener of this.sets.get(name) ?? []) (listener as (event: Events[E]) => void)(event)
  }
}
