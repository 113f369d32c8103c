import { describe, expect, it } from "vitest";
import { en } from "@/messages/en";
import { aModel } from "@/testing/fixtures";
import { chooseModel, sizeChoices, takesAnySize } from "./modelLimits";
import { requestSchema } from "./requestSchema";
import { makeText } from "./text";

const text = makeText(en, "generate");
const model = aModel();
const valid = {
  prompt: "a red rocket",
  negative_prompt: "",
  model: model.id,
  width: 64,
  height: 72,
  steps: 20,
  guidance: 4,
  seed: null,
  num_images: 1,
  visibility: "private",
};
const complaints = (changes: object) =>
  requestSchema(model.limits, text).safeParse({ ...valid, ...changes }).error?.issues.map(({ path, message }) => [path[0], message]) ?? [];

describe("requestSchema", () => {
  it("takes what the model can do", () => expect(complaints({})).toEqual([]));
  it.each([
    [{ prompt: "   " }, "prompt", "Say what you want to see."],
    [{ prompt: "x".repeat(21) }, "prompt", "At most 20 characters."],
    [{ width: 65 }, "width", "Width is a multiple of 8."],
    [{ height: 136 }, "height", "Height is a whole number from 64 to 128."],
    [{ steps: Number.NaN }, "steps", "Steps is a whole number from 4 to 100."],
    [{ steps: 3 }, "steps", "Steps is a whole number from 4 to 100."],
    [{ guidance: 16 }, "guidance", "Guidance is a number from 1 to 15."],
    [{ num_images: 5 }, "num_images", "Pictures is a whole number from 1 to 4."],
    [{ seed: -1 }, "seed", "Seed is a whole number from 0 to 4294967295."],
  ])("refuses %j", (changes, field, message) => expect(complaints(changes)).toContainEqual([field, message]));
});

it("takes only the sizes that a model was trained for, when it names them", () => {
  const schema = requestSchema({ ...model.limits, sizes: [[64, 64], [64, 96]] }, text);
  expect(schema.safeParse({ ...valid, width: 64, height: 96 }).success).toBe(true);
  expect(schema.safeParse({ ...valid, width: 96, height: 64 }).error?.issues[0]?.message).toBe("This model makes 64 × 64, 64 × 96.");
});

describe("sizeChoices", () => {
  it("offers shapes that the model can make, its default first", () => {
    const choices = sizeChoices(model);
    expect(choices[0]).toEqual({ width: 64, height: 64, shape: "shapeDefault" });
    for (const { width, height } of choices) {
      expect(width % 8 === 0 && height % 8 === 0 && width >= 64 && height <= 128).toBe(true);
    }
    expect(choices.map(({ shape }) => shape)).toContain("shapePortrait");
  });

  it("offers the sizes that the model names, and no others", () => {
    const trained = aModel({ limits: { ...model.limits, sizes: [[64, 64], [72, 128]] } });
    expect(sizeChoices(trained).map(({ shape }) => shape)).toEqual(["shapeSquare", "shapeTall"]);
    expect(takesAnySize(trained.limits)).toBe(false);
  });

  it("offers nothing else when there is nothing else", () => {
    const fixed = aModel({ limits: { ...model.limits, max_width: 64, max_height: 64 } });
    expect(sizeChoices(fixed)).toHaveLength(1);
  });
});

describe("chooseModel", () => {
  it("falls back to the default for a model that is gone", () => {
    const other = aModel({ id: "other", default: false });
    expect(chooseModel([other, model], "gone")?.id).toBe(model.id);
    expect(chooseModel([other], null)?.id).toBe("other");
    expect(chooseModel([], null)).toBeUndefined();
  });
});
