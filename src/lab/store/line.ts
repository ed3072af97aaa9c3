/** The page's line to its Worker. */
import { type Client, connect } from '../client'
import type { FromWorker, Snapshot, ToWorker } from '../protocol'

let client: Client | undefined

export function openLine(receive: (message: FromWorker) => void): void {
  client = connect(receive)
}

/** Before there is a Worker nothing needs telling: it gets the whole state when it begins. */
export const tell = (message: ToWorker, transfer?: Transferable[]): void => client?.send(message, transfer)

/** Agent 0's policy as a file. */
export const policyBytes = (): Promise<Uint8Array> => client!.policy()
/** What training goes on from; null when there is nothing, or too much. */
export const snapshot = (): Promise<Snapshot | null> => client!.snapshot()
