"""bureau"""
