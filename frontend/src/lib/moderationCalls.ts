/** What changes an organisation's moderation, one function a call. */
import {
  createModerationRule,
  deleteModerationRule,
  deleteOutputCheck,
  setOutputCheck as setOutputCheckCall,
  tryModerationRules,
  updateModerationRule,
} from "@/types/sdk.gen";
import { apiClient as client } from "./apiClient";
import type { NewPromptRule, OutputCheckWish, PromptRule, TriedPrompt } from "./contract";

const how = { client, throwOnError: true } as const;

export async function addRule(body: NewPromptRule): Promise<PromptRule> {
  return (await createModerationRule({ ...how, body })).data;
}

export async function removeRule(ruleId: string): Promise<void> {
  await deleteModerationRule({ ...how, path: { rule_id: ruleId } });
}

export async function changeRule(ruleId: string, body: NewPromptRule): Promise<PromptRule> {
  return (await updateModerationRule({ ...how, path: { rule_id: ruleId }, body })).data;
}

/** Nothing is made of it, and nothing is written down. */
export async function tryPrompt(prompt: string): Promise<TriedPrompt> {
  return (await tryModerationRules({ ...how, body: { prompt } })).data;
}

export async function setOutputCheck(body: OutputCheckWish): Promise<void> {
  await setOutputCheckCall({ ...how, body });
}

export async function forgetOutputCheck(): Promise<void> {
  await deleteOutputCheck(how);
}
