// jsdom's own can't be read.
import { Blob } from "node:buffer";
import { describe, expect, it } from "vitest";
import { parametersText, parseParameters, readParameters } from "./pngParameters";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const latin = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
const utf8 = (text: string) => [...new TextEncoder().encode(text)];

function chunk(kind: string, data: number[], length = data.length): number[] {
  return [length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255, ...latin(kind), ...data, 0, 0, 0, 0];
}
const png = (...chunks: number[][]) => new Uint8Array([...SIGNATURE, ...chunk("IHDR", Array<number>(13).fill(0)), ...chunks.flat()]);
const text = (value: string) => chunk("tEXt", [...latin("parameters"), 0, ...latin(value)]);

const LINE = "Steps: 20, Sampler: DDIM, CFG scale: 4.0, Seed: 7, Size: 64x96, Model: easel-small, Version: Easel 0.1.0";

describe("parametersText", () => {
  it("finds the text among other chunks, in Latin-1 and in UTF-8", () => {
    const other = chunk("tEXt", [...latin("Software"), 0, ...latin("x")]);
    expect(parametersText(png(other, text("é"), chunk("IDAT", [])))).toBe("é");
    const international = chunk("iTXt", [...latin("parameters"), 0, 0, 0, 0, 0, ...utf8("🚀 日")]);
    expect(parametersText(png(international))).toBe("🚀 日");
  });

  it.each([
    ["no PNG", new Uint8Array(latin("GIF89a"))],
    ["nothing", new Uint8Array()],
    ["text behind the pixels", png(chunk("IDAT", [1]), text("late"))],
    ["a chunk that claims more than there is", png(chunk("tEXt", latin("parameters\0x"), 0xffffffff))],
    ["a compressed text", png(chunk("iTXt", [...latin("parameters"), 0, 1, 0, 0, 0, 1]))],
    ["a text that breaks off", png(chunk("iTXt", [...latin("parameters"), 0, 0, 0, 65]))],
    ["a text of many kilobytes", png(text("x".repeat(70_000)))],
  ])("gives none for %s", (_, bytes) => expect(parametersText(bytes)).toBeNull());
});

describe("parseParameters", () => {
  it("reads what Easel writes", () => {
    expect(parseParameters(`a red rocket\nflat\nNegative prompt: blurry\n${LINE}`)).toEqual({
      prompt: "a red rocket\nflat",
      negative_prompt: "blurry",
      model: "easel-small",
      width: 64,
      height: 96,
      steps: 20,
      guidance: 4,
      seed: 7,
    });
  });

  it("tells a prompt that looks like a negative one by the number of its lines", () => {
    const tricky = `draw\nNegative prompt: the words\nNegative prompt: real\n${LINE}, Prompt lines: 2`;
    expect(parseParameters(tricky)).toMatchObject({ prompt: "draw\nNegative prompt: the words", negative_prompt: "real" });
  });

  it("leaves out what is no number, and takes quoted values apart", () => {
    expect(parseParameters('x\nSteps: many, Seed: , Size: 1e9x2, Model: "a, b"')).toEqual({ prompt: "x", model: "a, b" });
  });

  it("gives none for a text of another kind", () => expect(parseParameters("just words")).toBeNull());
});

it("reads only the beginning of a file", async () => {
  const large = new Blob([png(text(`x\n${LINE}`)), new Uint8Array(2_000_000)]);
  expect((await readParameters(large as globalThis.Blob))?.seed).toBe(7);
  expect(await readParameters(new Blob([]) as globalThis.Blob)).toBeNull();
});
