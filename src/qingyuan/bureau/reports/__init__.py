"""报告: papers made of facts, layout and words."""
