/** The page's connection to its Worker. */
import { type Client, connect } from '../client'
import type { FromWorker, Recording, Snapshot, ToWorker } from '../protocol'

let client: Client | undefined

export function openLine(receive: (message: FromWorker) => void): void {
  client = connect(receive)
}

/** Without a Worker there is nothing to send: it gets the whole state when it starts. */
export const tell = (message: ToWorker, transfer?: Transferable[]): void => client?.send(message, transfer)

/** Agent 0's policy as a file. */
export const policyBytes = (): Promise<Uint8Array> => client!.policy()
/** A film of what is drawn until the message `stopRecording`, or the longest time. */
export const record = (): Promise<Recording> => client!.record()
/** The state of training; null if there is none, or it is too large. */
export const snapshot = (): Promise<Snapshot | null> => client!.snapshot()
