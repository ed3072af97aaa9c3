/** A person at the keyboard, who acts in the focused environment instead of the policy. */
export class Person {
  private held: number | null = null
  /** Pressed since the last step, and perhaps released again. */
  private tapped: number | null = null

  /** The action from the next step on; null: the policy acts again. A pressed key acts at least once. */
  hold(action: number | null, pressed: boolean): void {
    if (pressed || action === null) this.tapped = action
    this.held = action
  }

  get plays(): boolean {
    return this.held !== null
  }

  /** The action of the next step. */
  next(): number {
    const action = this.tapped ?? this.held ?? 0
    this.tapped = null
    return action
  }
}
