/** The files that `bench` writes: checked before it measures, written even when a name is taken meanwhile. */
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { UsageError } from '../cli/errors'
import { checkOutput, writeOutput } from '../cli/outfile'
import { linesOfJson, type Output } from '../cli/output'

export interface BenchFiles {
  json?: string
  plot?: string
}

export function finish(json: object, text: string, file: string | undefined, force: boolean, output: Output): void {
  try {
    if (file !== undefined && file !== '-') save(file, linesOfJson(json), force, output)
  } finally {
    output.result(json, text) // also if the file cannot be written: measuring took minutes
  }
}

export function save(file: string, content: string, force: boolean, output: Output): void {
  const path = writeOutput(file, content, force)
  if (path !== file) output.warn(`WARNING: ${file} exists by now; written to ${path} instead.`)
}

/** @throws UsageError for files that cannot be written, or must not be replaced: before measuring, not after. */
export function checkFiles({ json, plot }: BenchFiles, force: boolean): void {
  if (json !== undefined && plot !== undefined && resolve(json) === resolve(plot)) {
    throw new UsageError(`--plot: ${plot} is the file of --json, too. Name another file.`)
  }
  if (plot !== undefined) checkOutput('plot', plot, force)
  if (json === undefined || json === '-') return
  if (isFolder(json)) checkOutput('json', join(json, 'x.json'), true)
  else checkOutput('json', json, force)
}

export const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
