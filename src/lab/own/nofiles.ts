/** In the frame in place of what writes files: its sandbox allows no downloads. */
import { notice } from '../state'

const WHY = 'An environment of dropped files cannot save files. `npm start -- --env FILE` opens it without that limit.'

export function download(): void {
  notice.value = { kind: 'error', text: WHY }
}

export async function openWriter(): Promise<never> {
  throw new Error(WHY)
}
