// How cards look here: the measures, and the colours of the light and the dark theme.

const FONT =
  "'Segoe UI', 'Selawik', -apple-system, 'SF Pro Text', 'Helvetica Neue', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif, 'Noto Color Emoji'";
const MONOSPACE = "Consolas, 'SF Mono', 'Liberation Mono', monospace";

// Text colours reach a contrast of 4.5:1 on every background of their theme.
const PALETTES = {
  light: {
    line: "#E5E5E5",
    subtle: "#5C5C5C",
    text: {
      default: "#242424",
      dark: "#242424",
      light: "#FFFFFF",
      accent: "#4F52B2",
      good: "#1A6E20",
      warning: "#855600",
      attention: "#B8273F",
    },
    surfaces: {
      default: ["#FFFFFF", "#E0E0E0"],
      emphasis: ["#F5F5F5", "#E5E5E5"],
      accent: ["#E8EBFA", "#C5CBF0"],
      good: ["#E9F5EA", "#B9DDBB"],
      warning: ["#FFF6DF", "#EBD59B"],
      attention: ["#FCEEF0", "#EFC3CA"],
    },
  },
  dark: {
    line: "#3F3F3F",
    subtle: "#B3B3B3",
    text: {
      default: "#FFFFFF",
      dark: "#1F1F1F",
      light: "#FFFFFF",
      accent: "#B3B6F7",
      good: "#7CC47F",
      warning: "#F2C661",
      attention: "#F58E98",
    },
    surfaces: {
      default: ["#2B2B2B", "#3B3B3B"],
      emphasis: ["#353535", "#454545"],
      accent: ["#2E3158", "#464A80"],
      good: ["#1E3A22", "#2F5A35"],
      warning: ["#41350F", "#64531A"],
      attention: ["#471F26", "#6E2F3A"],
    },
  },
};

function textColours({ text, subtle }) {
  const entry = ([name, colour]) => [name, { default: colour, subtle: name === "default" ? subtle : colour }];
  return Object.fromEntries(Object.entries(text).map(entry));
}

function containerStyles(palette) {
  const foregroundColors = textColours(palette);
  const entry = ([name, [backgroundColor, borderColor]]) => [name, { backgroundColor, borderColor, foregroundColors }];
  return Object.fromEntries(Object.entries(palette.surfaces).map(entry));
}

function fontTypes() {
  const fontSizes = { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 };
  const fontWeights = { lighter: 300, default: 400, bolder: 600 };
  return {
    default: { fontFamily: FONT, fontSizes, fontWeights },
    monospace: { fontFamily: MONOSPACE, fontSizes, fontWeights },
  };
}

/** Return the host config for "light" or "dark". */
export function hostConfig(theme) {
  const palette = PALETTES[theme];
  const label = { weight: "bolder", color: "default" };
  const fact = { color: "default", size: "default", weight: "default", wrap: true };
  return {
    supportsInteractivity: true,
    spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 24, padding: 16 },
    separator: { lineThickness: 1, lineColor: palette.line },
    imageSizes: { small: 32, medium: 52, large: 100 },
    fontTypes: fontTypes(),
    textStyles: { heading: { size: "large", weight: "bolder" }, columnHeader: { weight: "bolder" } },
    textBlock: { headingLevel: 3 },
    containerStyles: containerStyles(palette),
    inputs: {
      label: {
        inputSpacing: "small",
        requiredInputs: { ...label, suffix: " *", suffixColor: "attention" },
        optionalInputs: label,
      },
      errorMessage: { color: "attention", size: "small", spacing: "small" },
    },
    actions: {
      maxActions: 6,
      spacing: "medium",
      buttonSpacing: 8,
      showCard: { actionMode: "inline", inlineTopMargin: 12, style: "emphasis" },
      actionsOrientation: "horizontal",
      actionAlignment: "left",
      allowTitleToWrap: true,
      iconPlacement: "leftOfTitle",
      iconSize: 16,
    },
    adaptiveCard: { allowCustomStyle: false },
    imageSet: { imageSize: "medium", maxImageHeight: 100 },
    factSet: { title: { ...fact, isSubtle: true, maxWidth: 150 }, value: fact, spacing: 16 },
  };
}
