/** Files that are no policies, as the lab names them. */
import { describe, expect, it } from 'vitest'
import { CHECKPOINT_FORMAT, DUMP_FORMAT } from '../../src/files/formats'
import { writeSafetensors } from '../../src/files/safetensors'
import { whyNotPolicy } from '../../src/lab/filekind'
import { layoutNetwork, type NetworkShape } from '../../src/model/network'
import { policyFile } from '../../src/policy/policyfile'

const SHAPE: NetworkShape = {
  ...{ obsDim: 4, actionDim: 2, actorHidden: [8], criticHidden: [8], activation: 'tanh', dist: 'categorical' },
}
const policy = policyFile('CartPole-v1', SHAPE, new Float32Array(layoutNetwork(SHAPE).paramStride))
const text = (content: string) => new TextEncoder().encode(content)
/** Characters as bytes, and zeros after them. */
const bytes = (start: string, length = 64) => {
  const file = new Uint8Array(Math.max(length, start.length))
  Array.from(start, (c, i) => (file[i] = c.charCodeAt(0)))
  return file
}
const tensors = (metadata: Record<string, string>) =>
  writeSafetensors([{ name: 'w', shape: [2], data: Float32Array.of(1, 2) }], metadata)

describe('a file', () => {
  it('of a policy is one, also where only its reader can say what is wrong', () => {
    expect(whyNotPolicy(policy)).toBeUndefined()
    const damaged = policy.slice()
    damaged[damaged.length - 1] ^= 1
    expect(whyNotPolicy(damaged)).toBeUndefined()
  })

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'The file is empty'],
    ['white space', text(' \n\t '), 'only white space'],
    ['JSON', text('{"not":"a policy"}'), 'looks like JSON, not'],
    ['JSON after a byte order mark', text('\ufeff[1, 2]'), 'looks like JSON, not'],
    ['JSON lines', text('{"iteration":1}\n{"iteration":2}\n'), 'looks like JSON, one object per line'],
    ['CSV', text('iteration,timesteps,returnMean\n1,2048,22.5\n'), 'looks like a table (CSV)'],
    ['text', text('# A policy\n\nthat was trained here'), 'looks like text'],
    ['HTML', text('<!doctype html><html></html>'), 'looks like a web page'],
    ['SVG', text('<svg xmlns="http://www.w3.org/2000/svg"></svg>'), 'an image (SVG)'],
    ['a pointer of Git LFS', text('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'), 'Git LFS'],
    ['PNG', bytes('\x89PNG\r\n\x1a\n'), 'an image (PNG)'],
    ['JPEG', bytes('\xff\xd8\xff\xe0'), 'an image (JPEG)'],
    ['WebP', bytes('RIFF\x10\0\0\0WEBP'), 'an image (WebP)'],
    ['a ZIP', bytes('PK\x03\x04'), 'a ZIP (a PyTorch or Stable-Baselines3 file?)'],
    ['PyTorch', bytes('PK\x03\x04\0\0archive/data.pkl'), 'a ZIP of PyTorch'],
    ['Stable-Baselines3', bytes('PK\x03\x04\0\0data PK policy.pth'), 'a ZIP of Stable-Baselines3'],
    ['a pickle', bytes('\x80\x02}q'), 'a Python pickle'],
    ['ONNX', bytes('\x08\x08\x12\x0appo-webgpu'), 'an ONNX model'],
    ['gzip', bytes('\x1f\x8b\x08'), 'gzip'],
    ['TensorBoard', bytes('\x18\0\0\0\0\0\0\0abcd\x09'), 'an event file of TensorBoard'],
    ['NumPy', bytes('\x93NUMPY'), 'a NumPy array'],
    ['HDF5', bytes('\x89HDF\r\n'), 'an HDF5 file'],
    ['bytes', bytes('\x01\x02\x03\xff'), 'begins with bytes 01 02 03 ff'],
    ['half of a policy', policy.slice(0, policy.length / 2), `was cut off: it has ${policy.length / 2} of at least`],
    ['the header of a policy', policy.slice(0, 100), 'was cut off: it has 100 of at least'],
    ['a checkpoint', tensors({ format: CHECKPOINT_FORMAT, version: '1' }), 'a checkpoint, not a policy'],
    ['a dump', tensors({ format: DUMP_FORMAT }), 'a dump of a fault'],
    ['weights of another program', tensors({}), 'of another program'],
  ])('of %s is named', (_, file, name) => {
    expect(whyNotPolicy(file)).toContain(name)
  })
})
