import { useEffect } from "react";
import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";

interface Draft {
  prompt: string;
  model: string | null;
  width: number | null;
  height: number | null;
  num_images: number;
  /** Kept for the next pictures; null: a new one each time. */
  seed: number | null;
}

interface DraftStore extends Draft {
  change: (changes: Partial<Draft>) => void;
  reset: () => void;
}

const EMPTY: Draft = { prompt: "", model: null, width: null, height: null, num_images: 1, seed: null };

/** What is in the composer, kept across reloads; null means the model's default. */
export const useDraft = create<DraftStore>()(
  persist(
    (set) => ({
      ...EMPTY,
      change: (changes) => set(changes),
      reset: () => set(EMPTY),
    }),
    {
      name: "easel:draft",
      version: 1,
      storage: createJSONStorage(() => localStorage),
      // The server knows no draft: it is read after the first render (useDraftFromStorage).
      skipHydration: true,
    },
  ),
);

export function useDraftFromStorage(): void {
  useEffect(() => void useDraft.persist.rehydrate(), []);
}
