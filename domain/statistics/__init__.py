"""Statistics by published formulas, over plain numbers: agreement of judges, shares with their intervals, quartiles.

They know nothing of cases; what is counted is said in `domain/figures`. Each function names the source of its formula.
"""
