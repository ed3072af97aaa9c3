/** What is used of gifenc, which has no types. */
declare module 'gifenc' {
  export type Palette = number[][]
  export interface GifFrame {
    /** Of the first picture: for all that have none of their own. */
    palette?: Palette
    /** Milliseconds. */
    delay: number
    dispose: number
    transparent: boolean
    transparentIndex: number
  }
  export function GIFEncoder(): {
    writeFrame(index: Uint8Array, width: number, height: number, frame: GifFrame): void
    finish(): void
    bytes(): Uint8Array<ArrayBuffer>
  }
  export function quantize(rgba: Uint8ClampedArray, most: number, how: { format: 'rgb565' }): Palette
}
