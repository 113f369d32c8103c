import type { Meta, StoryObj } from "@storybook/nextjs-vite";
import { Section } from "./Section";
import { Skeleton } from "./Skeleton";
import { TextField } from "./TextField";

const meta = {
  component: Section,
  args: {
    title: "Your name",
    lead: "Others in your organisation see it beside what you share.",
    children: <TextField id="name" label="Name" defaultValue="Ada Lovelace" />,
  },
} satisfies Meta<typeof Section>;

export default meta;
type Story = StoryObj<typeof meta>;

export const Default: Story = {};

export const Loading: Story = { args: { children: <Skeleton className="h-11 w-full" /> } };

export const SeveralBelowEachOther: Story = {
  tags: ["snapshot"],
  render: (args) => (
    <>
      <Section {...args} />
      <Section title="Language" lead="Of the pages and of the letters that you get.">
        <TextField id="language" label="Language" defaultValue="English" />
      </Section>
    </>
  ),
};
