"""The template library `fanzha_ui` (界面部件): money, clocks, states, masks, icons."""
